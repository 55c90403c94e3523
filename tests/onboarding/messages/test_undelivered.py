"""The message on what was not delivered: many of one cause are one line, few are a line each."""

from onboarding.messages.undelivered import undelivered_post


def test_many_of_one_cause_are_one_line_and_few_are_a_line_each() -> None:
    many = [(f"a:{number}", "unknown", "it left before") for number in range(35)]
    few = [("b:1", "dead", "no such address"), ("b:2", "dead", "no such address")]
    post = undelivered_post([], [*many, *few])
    assert post.headline == "37 messages wait for you"
    assert post.lines == (
        "35 messages (unknown), the first a:0: it left before",
        "b:1 (dead): no such address",
        "b:2 (dead): no such address",
    )
    assert "All of one cause at once: --state" in post.footer


def test_many_causes_are_cut_off_and_counted() -> None:
    post = undelivered_post([], [(f"a:{number}", "dead", f"cause {number}") for number in range(25)])
    assert len(post.lines) == 21
    assert post.lines[-1] == "and 5 more"
