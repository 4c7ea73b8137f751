package owners

# METADATA
# entrypoint: true
default allow := false

allow if {
	input.request.method == "GET"
	some owner in data.accounts[input.route.params.id]
	owner == input.claims.sub
}
