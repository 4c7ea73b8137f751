# METADATA
# title: Transactions
# description: Separation of duty. Nobody approves a transaction they created.
# schemas:
#   - input: schema.input
package transactions

# METADATA
# title: What the caller may do with the transaction
# description: >-
#   The decision is an object. Its `reason` names the rule that decided and goes to the log and the trace alone; its
#   `message` is what the client reads.
# entrypoint: true
default decision := {"allow": false, "reason": "no_rule_admits"}

decision := {"allow": false, "reason": "unauthenticated", "message": "Sign in first."} if not input.authenticated

# The gateway sends HEAD down the routes of GET.
decision := reading if {
	input.authenticated
	input.request.method in {"GET", "HEAD"}
	input.request.segments == ["transactions", input.route.params.id]
}

decision := approving if {
	input.authenticated
	input.request.method == "POST"
	input.request.segments == ["transactions", input.route.params.id, "approval"]
}

reading := {"allow": true, "reason": "creator_reads"} if {
	input.claims.sub == creator
} else := {"allow": true, "reason": "approver_reads"} if {
	caller_is_approver
} else := {"allow": false, "reason": "neither_creator_nor_approver", "message": "You may not read this transaction."}

# `!=` holds only where both sides are known, so a transaction or a caller without a name ends in the default.
approving := {"allow": false, "reason": "not_an_approver", "message": "You are not an approver."} if {
	not caller_is_approver
} else := {"allow": false, "reason": "separation_of_duty", "message": "Nobody approves their own transaction."} if {
	input.claims.sub == creator
} else := {"allow": true, "reason": "approver_approves"} if {
	input.claims.sub != creator
}

creator := data.ledger[input.route.params.id].created_by

caller_is_approver if "approver" in input.claims.roles
