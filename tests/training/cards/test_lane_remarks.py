"""What a card says beside the figures of a lane."""

from training.cards.lane_remarks import remark


def test_a_lane_of_this_machine_needs_no_remark():
    assert remark({"status": "certified", "max_abs_logit": 1e-7}) == ""


def test_a_lane_that_was_not_certified_says_why():
    assert remark({"status": "not certified", "reason": "no device"}) == "no device"


def test_a_lane_of_another_machine_names_it():
    lane = {"status": "certified", "gpu": "A GPU", "packages": {"onnxruntime": "1.2.3"}}
    assert remark(lane) == "A GPU, onnxruntime 1.2.3"
    assert remark(lane | {"runtime": "as built"}) == "A GPU, onnxruntime 1.2.3, as built"
