package patterns

# METADATA
# entrypoint: true
default allow := false

allow if {
	regex.match(`^/accounts/[0-9]{1,10}$`, input.request.path)
	glob.match("api.*.com", ["."], input.request.host)
	regex.match(`^[a-z]+$`, input.claims.sub)
}
