package transactions_test

import data.transactions

ledger := {
	"t-1": {"created_by": "alice", "amount": 250},
	"t-2": {"created_by": "bob", "amount": 990},
}

alice := {"sub": "alice"}

bob := {"sub": "bob", "roles": ["approver"]}

carol := {"sub": "carol", "roles": ["approver", "auditor"]}

dave := {"sub": "dave", "roles": ["auditor"]}

asks(claims, method, segments) := {
	"authenticated": true,
	"claims": claims,
	"request": {"method": method, "segments": segments},
	"route": {"params": {"id": segments[1]}},
}

reads(claims, id) := asks(claims, "GET", ["transactions", id])

approves(claims, id) := asks(claims, "POST", ["transactions", id, "approval"])

# Reading.

test_a_creator_reads_their_transaction if {
	transactions.decision == {"allow": true, "reason": "creator_reads"} with input as reads(alice, "t-1")
		with data.ledger as ledger
}

test_an_approver_reads_the_transaction_of_another if {
	transactions.decision == {"allow": true, "reason": "approver_reads"} with input as reads(carol, "t-1")
		with data.ledger as ledger
}

test_an_approver_who_created_it_reads_as_its_creator if {
	transactions.decision == {"allow": true, "reason": "creator_reads"} with input as reads(bob, "t-2")
		with data.ledger as ledger
}

test_whoever_reads_may_ask_for_the_head_alone if {
	transactions.decision.allow with input as asks(alice, "HEAD", ["transactions", "t-1"]) with data.ledger as ledger
}

test_nobody_else_reads_a_transaction if {
	transactions.decision == {
		"allow": false,
		"reason": "neither_creator_nor_approver",
		"message": "You may not read this transaction.",
	} with input as reads(dave, "t-1")
		with data.ledger as ledger
}

test_an_unknown_transaction_is_refused_in_the_words_of_a_known_one if {
	unknown := transactions.decision with input as reads(dave, "t-9") with data.ledger as ledger
	known := transactions.decision with input as reads(dave, "t-1") with data.ledger as ledger
	unknown == known
}

# Approving.

test_an_approver_approves_the_transaction_of_another if {
	transactions.decision == {"allow": true, "reason": "approver_approves"} with input as approves(carol, "t-1")
		with data.ledger as ledger
}

test_nobody_approves_a_transaction_they_created if {
	transactions.decision == {
		"allow": false,
		"reason": "separation_of_duty",
		"message": "Nobody approves their own transaction.",
	} with input as approves(bob, "t-2")
		with data.ledger as ledger
}

test_only_an_approver_approves if {
	transactions.decision == {
		"allow": false,
		"reason": "not_an_approver",
		"message": "You are not an approver.",
	} with input as approves(dave, "t-1")
		with data.ledger as ledger
}

test_a_creator_who_is_no_approver_does_not_approve if {
	transactions.decision.reason == "not_an_approver" with input as approves(alice, "t-1") with data.ledger as ledger
}

test_a_role_that_only_sounds_like_it_does_not_approve if {
	every roles in ["approver", ["approvers"], ["Approver"], [], null] {
		claims := {"sub": "carol", "roles": roles}
		transactions.decision.reason == "not_an_approver" with input as approves(claims, "t-1") with data.ledger as ledger
	}
}

test_an_unknown_transaction_is_approved_by_nobody if {
	transactions.decision == {"allow": false, "reason": "no_rule_admits"} with input as approves(carol, "t-9")
		with data.ledger as ledger
}

test_an_approver_without_a_subject_approves_nothing if {
	nameless := {"roles": ["approver"]}
	transactions.decision == {"allow": false, "reason": "no_rule_admits"} with input as approves(nameless, "t-1")
		with data.ledger as ledger
}

# Everything else.

test_a_caller_without_a_token_is_refused if {
	every request in [reads(null, "t-1"), approves(null, "t-1"), {"claims": null}] {
		stranger := object.union(request, {"authenticated": false})
		transactions.decision == {
			"allow": false,
			"reason": "unauthenticated",
			"message": "Sign in first.",
		} with input as stranger
			with data.ledger as ledger
	}
}

test_claims_that_were_not_authenticated_do_not_count if {
	pretender := object.union(approves(carol, "t-1"), {"authenticated": false})
	transactions.decision.reason == "unauthenticated" with input as pretender with data.ledger as ledger
}

test_other_methods_are_refused if {
	every method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"] {
		request := asks(carol, method, ["transactions", "t-1"])
		transactions.decision == {"allow": false, "reason": "no_rule_admits"} with input as request
			with data.ledger as ledger
	}
}

test_other_paths_are_refused if {
	every request in [
		asks(carol, "GET", ["transactions", "t-1", "approval"]),
		asks(carol, "POST", ["transactions", "t-1", "approval", "again"]),
		asks(carol, "POST", ["transactions", "t-1", "payment"]),
		asks(carol, "GET", ["payments", "t-1"]),
	] {
		transactions.decision == {"allow": false, "reason": "no_rule_admits"} with input as request
			with data.ledger as ledger
	}
}

test_the_route_and_the_path_speak_of_the_same_transaction if {
	request := object.union(approves(bob, "t-2"), {"route": {"params": {"id": "t-1"}}})
	transactions.decision == {"allow": false, "reason": "no_rule_admits"} with input as request
		with data.ledger as ledger
}
