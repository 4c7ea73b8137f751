package accounts_test

import data.accounts

owners := {"1001": "alice", "1002": "bob"}

account(id, claims) := {
	"authenticated": true,
	"claims": claims,
	"route": {"params": {"id": id}},
}

test_an_owner_is_admitted_to_their_account if {
	accounts.allow with input as account("1001", {"sub": "alice"}) with data.owners as owners
}

test_an_owner_is_refused_the_account_of_another if {
	not accounts.allow with input as account("1002", {"sub": "alice"}) with data.owners as owners
}

test_an_account_without_an_owner_is_refused_to_all if {
	not accounts.allow with input as account("1003", {"sub": "alice"}) with data.owners as owners
}

test_a_caller_without_a_subject_is_refused if {
	not accounts.allow with input as account("1001", {"client_id": "batch"}) with data.owners as owners
}

test_no_subject_and_no_owner_are_not_the_same_person if {
	not accounts.allow with input as account("1003", {"client_id": "batch"}) with data.owners as owners
}

test_a_caller_without_a_token_is_refused if {
	stranger := {"authenticated": false, "claims": null, "route": {"params": {"id": "1001"}}}
	not accounts.allow with input as stranger with data.owners as owners
}

test_claims_that_were_not_authenticated_do_not_count if {
	pretender := {"authenticated": false, "claims": {"sub": "alice"}, "route": {"params": {"id": "1001"}}}
	not accounts.allow with input as pretender with data.owners as owners
}

test_a_route_without_an_id_is_refused if {
	unnumbered := {"authenticated": true, "claims": {"sub": "alice"}, "route": {"params": {}}}
	not accounts.allow with input as unnumbered with data.owners as owners
}

test_refusal_is_false_and_never_undefined if {
	accounts.allow == false with input as {} with data.owners as owners
}
