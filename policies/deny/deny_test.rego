package deny_test

import data.deny

test_a_stranger_is_refused if {
	deny.allow == false with input as {"authenticated": false, "claims": null}
}

test_whoever_is_known_is_refused_too if {
	deny.allow == false with input as {"authenticated": true, "claims": {"sub": "alice", "roles": ["approver"]}}
}
