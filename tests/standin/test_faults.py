import time

import httpx
import pytest

FORM = {"amount": 1999, "currency": "eur"}
CREATE = "/v1/payment_intents"


def made(api):
    return len(api.get(CREATE).json()["data"])


@pytest.mark.parametrize("status", [500, 503, 429, 409])
def test_a_status_fault_answers_it_before_any_effect(api, standin, status):
    standin.add_fault(action="status", status=status, path=CREATE)
    answer = api.post(CREATE, data=FORM)
    assert answer.status_code == status
    assert answer.json()["error"]["type"]
    assert made(api) == 0
    assert api.post(CREATE, data=FORM).status_code == 200


def test_only_the_nth_matching_request_is_met(api, standin):
    standin.add_fault(action="status", path=CREATE, nth=3)
    assert [api.post(CREATE, data=FORM).status_code for _ in range(4)] == [200, 200, 500, 200]
    rule = standin.faults()[0]
    assert (rule["seen"], rule["used"]) == (4, 1)


def test_times_zero_means_from_then_on(api, standin):
    standin.add_fault(action="status", path=CREATE, nth=2, times=0)
    assert [api.post(CREATE, data=FORM).status_code for _ in range(4)] == [200, 500, 500, 500]


def test_apply_then_drop_does_the_work_and_cuts_the_connection(api, standin):
    standin.add_fault(action="apply_then_drop", path=CREATE)
    key = {"Idempotency-Key": "k"}
    with pytest.raises(httpx.RemoteProtocolError):
        api.post(CREATE, data=FORM, headers=key)
    assert made(api) == 1
    assert api.post(CREATE, data=FORM, headers=key).headers["idempotent-replayed"] == "true"
    assert made(api) == 1


def test_drop_does_nothing_and_cuts_the_connection(api, standin):
    standin.add_fault(action="drop", path=CREATE)
    with pytest.raises(httpx.RemoteProtocolError):
        api.post(CREATE, data=FORM)
    assert made(api) == 0


def test_apply_then_status_answers_an_error_after_the_effect(api, standin):
    standin.add_fault(action="apply_then_status", status=500, should_retry=False, path=CREATE)
    answer = api.post(CREATE, data=FORM)
    assert (answer.status_code, answer.headers["stripe-should-retry"]) == (500, "false")
    assert made(api) == 1


def test_a_stored_error_poisons_its_key_as_at_stripe(api, standin):
    standin.add_fault(action="apply_then_status", status=500, stored=True, path=CREATE)
    key = {"Idempotency-Key": "k"}
    assert [api.post(CREATE, data=FORM, headers=key).status_code for _ in range(2)] == [500, 500]
    assert made(api) == 1
    assert api.post(CREATE, data=FORM, headers={"Idempotency-Key": "other"}).status_code == 200


def test_invalid_json_is_half_a_page_of_html(api, standin):
    standin.add_fault(action="invalid_json", path=CREATE)
    answer = api.post(CREATE, data=FORM)
    with pytest.raises(ValueError):
        answer.json()
    assert made(api) == 1


def test_a_delay_answers_late(api, standin):
    standin.add_fault(action="delay", seconds=0.3, path=CREATE)
    began = time.perf_counter()
    assert api.post(CREATE, data=FORM).status_code == 200
    assert time.perf_counter() - began >= 0.3


@pytest.mark.parametrize(("action", "count"), [("hang", 0), ("apply_then_hang", 1)])
def test_a_hanging_request_times_out_and_others_go_on(api, standin, action, count):
    standin.add_fault(action=action, path=CREATE)
    with pytest.raises(httpx.ReadTimeout):
        api.post(CREATE, data=FORM, timeout=0.2)
    assert made(api) == count


def test_a_path_may_have_stars(api, standin, new_intent):
    intent = new_intent()
    standin.add_fault(action="status", path="/v1/payment_intents/*/cancel")
    standin.add_fault(action="status", method="GET", path="/v1/**", nth=2)
    assert api.post(f"{CREATE}/{intent['id']}/cancel").status_code == 500
    assert api.get(f"{CREATE}/{intent['id']}").status_code == 200
    assert api.get(CREATE).status_code == 500


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"action": "status"},
        {"action": "dance", "path": "/"},
        {"action": "drop", "path": "/", "nth": 0},
        {"oops": 1},
        7,
    ],
)
def test_a_wrong_rule_is_refused(api, rule):
    assert api.post("/_standin/faults", json=rule).status_code == 400


def test_rules_can_be_listed_and_removed(standin):
    first = standin.add_fault(action="drop", path="/a")
    standin.add_fault(action="drop", path="/b")
    standin.request("DELETE", f"/_standin/faults/{first}")
    assert [rule["path"] for rule in standin.faults()] == ["/b"]
    standin.clear_faults()
    assert standin.faults() == []


def test_a_foreign_page_in_the_browser_cannot_steer(api):
    assert api.post("/_standin/reset", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
