# METADATA
# title: Deny
# description: The closed default, for `defaults.policy` to name. A route that names no policy of its own admits nobody.
# schemas:
#   - input: schema.input
package deny

# METADATA
# title: Nobody is admitted
# entrypoint: true
allow := false
