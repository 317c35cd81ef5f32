"""The lines of a grade, in both languages."""

import pytest

from tests.kit.records import ACCEPTED, CAUGHT, LATE, OTHER, REJECTED, SURVIVOR, TEST, judged, record
from winnow.grading.text import cannot_judge, lines, reason
from winnow.trials.messages import Broken, Cause
from winnow.variants import CORRECT, FAULTY


def grade(found, hints=0, most=None, everything=False):
    """The lines of a grade; this same command is ``grade``."""
    return list(lines(found, hints, lambda option: f"grade {option}", most=most, everything=everything))


ENGLISH = f"""\
Ran the suite on the unchanged service and on 3 variants of it. Your files were not changed.
Valid: the suite passes on the unchanged service and on the correct variant.
Caught: 1 of 2 faults.
  {TEST}: catches nothing; does it assert anything?
  {OTHER}: a-greeting
Not tried: one fault that needs redis-server, which is not installed.
  survived: a-survivor: nobody is greeted
    hint: greet somebody
Next: write a test that catches a-survivor. `grade --show a-survivor` shows the change.
The exit code is 1 because of this result. The command itself did not fail."""
CHINESE = f"""\
已在未修改的服务及其 3 个变体上运行测试套件。你的文件没有改动。
有效：测试套件在未修改的服务和全部 1 个正确变体上都通过。
发现：2 个缺陷中的 1 个。
  {TEST}：没有发现任何缺陷；它有断言吗？
  {OTHER}：a-greeting
未尝试：1 个缺陷需要 redis-server，而它没有安装。
  存活：a-survivor：没有人被问候
    提示：问候某人
下一步：写一个能发现 a-survivor 的测试。运行 `grade --show a-survivor` 可以看到具体改动。
退出码为 1 是因为上述结果，命令本身没有出错。"""


@pytest.mark.parametrize(("language", "expected"), [("en", ENGLISH), ("zh", CHINESE)])
def test_a_whole_grade(monkeypatch, language, expected):
    """Every line is in the language of the terminal."""
    monkeypatch.setenv("WINNOW_LANG", language)
    found = record(ACCEPTED, CAUGHT, SURVIVOR, left_out={"a-worker": "redis-server"})

    assert grade(found, hints=1) == expected.splitlines()


def test_a_false_alarm_is_named_with_its_message():
    """A test that fails on a correct variant does not count, and the next step is to change it."""
    said = grade(record(REJECTED, SURVIVOR))

    assert said[1].startswith("Not valid: ")
    assert said[2:4] == [f"  {TEST}: fails on other-words", "    1 != 2"]
    assert said[-2] == "Next: let these tests check what a client sees, not how the service works inside."


def test_the_same_message_is_shown_once():
    """Two tests that fail for the same reason share its line."""
    said = grade(record(control=(TEST, OTHER)))

    assert said.count("    0 != 1") == 1
    assert f"  {OTHER}: fails on the unchanged service" in said
    assert said[-2].startswith("Next: make every test pass on the unchanged service.")


@pytest.mark.parametrize(
    ("variants", "hints", "step"),
    [
        ((ACCEPTED, SURVIVOR), 0, "`grade --hint 1` shows a hint."),
        ((ACCEPTED, SURVIVOR), 1, "`grade --show a-survivor` shows the change."),
        (
            (ACCEPTED, LATE),
            0,
            "Next: assert what the service should have sent. Only a time-out caught a-silence",
        ),
        ((ACCEPTED,), 0, "Next: write a faulty variant"),
        ((ACCEPTED, CAUGHT), 0, "The suite is valid and catches every fault."),
    ],
    ids=["a-hint", "the-change", "a-time-out", "no-fault", "nothing"],
)
def test_the_next_step(variants, hints, step):
    """There is always exactly one."""
    said = [line for line in grade(record(*variants), hints) if step in line]

    assert len(said) == 1


def test_a_perfect_grade_has_no_exit_code():
    """An exit code of 0 needs no explanation."""
    assert not any("exit code" in line for line in grade(record(ACCEPTED, CAUGHT)))


def test_a_few_survivors_are_shown():
    """The others are counted, and a command lists them."""
    faults = [judged(f"fault-{number}", FAULTY, "missed") for number in range(7)]
    some, everything = grade(record(*faults), most=5), grade(record(*faults), most=5, everything=True)

    assert sum(line.startswith("  survived: ") for line in some) == 5
    assert "  and 2 more survived: `grade --all` lists all" in some
    assert sum(line.startswith("  survived: ") for line in everything) == 7


def test_a_large_suite_is_not_shown_test_by_test():
    """Only the number of tests that catch nothing is, and on request their names."""
    tests = [f"test_{number}" for number in range(21)]
    found = record(judged("a-fault", FAULTY, "assertion", "test_0"), tests=tests)

    assert "20 of 21 tests catch none of these faults. `grade --all` lists them." in grade(found)
    assert "  test_20" in grade(found, everything=True)


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_cause_has_words(monkeypatch, project_config, cause, language):
    """A trial without a result is explained, and on the unchanged service with a next step."""
    monkeypatch.setenv("WINNOW_LANG", language)
    error = cannot_judge(Broken(cause, "3", "test_it.py"), project_config)

    assert reason(Broken(cause, "3", "test_it.py"), language) in error.problem
    assert "{" not in str(error)


def test_how_a_process_ended():
    """By an exit code or a signal, and perhaps during a test."""
    assert reason(Broken(Cause.ENDED, "0"), "en") == "the process ended with exit code 0"
    assert (
        reason(Broken(Cause.ENDED, "SIGKILL", "test_it"), "zh") == "运行 test_it 时，进程被信号 SIGKILL 终止"
    )


def test_a_correct_variant_without_a_result_is_named():
    """The suite is not valid, although no test failed."""
    broken = judged("a-crash", CORRECT, "broken", broken=Broken(Cause.NO_TESTS))

    assert "  no result on a-crash: pytest collected no tests" in grade(record(broken))
