# METADATA
# title: Accounts
# description: An account is open to its owner alone.
# schemas:
#   - input: schema.input
package accounts

# METADATA
# title: The caller owns the account
# description: The account is the one the route's `{id}` names. One without an owner on record is nobody's.
# entrypoint: true
default allow := false

allow if {
	input.authenticated
	input.claims.sub == data.owners[input.route.params.id]
}
