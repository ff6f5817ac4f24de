"""The shop in processes of its own, beside the test: so that they can really die, and really meet.

    with Processes(standin.url) as processes:
        processes.kill("after payment_intents.create", ACT, **facts)     # goes through ACT and dies there, by SIGKILL
        processes.run(Act(ACT, facts), Act(OTHER, facts))                # both at once; returns their outcomes

An act is the dotted name of a function, called with the facts as keywords; `tests.faults.acts` has them. A step is
`before` or `after` followed by `sql`, `commit` or what Stripe is asked, such as `payment_intents.create`.

One process is started and loads the shop; each act is done by a fork of it, which takes a few milliseconds.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
ANY_STEP = "any"


@dataclass(frozen=True)
class Act:
    """What a process does, and at which step it dies: the `nth` that is named `kill`, "" for none."""

    call: str
    facts: dict[str, Any] = field(default_factory=dict)
    kill: str = ""
    nth: int = 1


@dataclass(frozen=True)
class Outcome:
    """What came of an act. A process that died has no answer; `steps` are those that one that lived went through."""

    died: bool
    answer: Any = None
    error: str = ""
    steps: tuple[str, ...] = ()


class Processes:
    """The process that forks. It uses the database of the running test, the given stand-in and other settings given."""

    def __init__(self, stripe_url: str, **settings: str) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "STRIPE_API_BASE": stripe_url,
            "STRIPE_SECRET_KEY": "sk_test_standin",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_standin",
            "STRIPE_WEBHOOK_SECRET": "whsec_standin",
            "EMAIL_URL": "memorymail://",
            "RATE_LIMITS": "off",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **settings,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=20)

    def run(self, *acts: Act) -> list[Outcome]:
        """Do all acts at once, each in a process of its own that starts when all are ready."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([asdict(act) for act in acts]) + "\n")
        self._process.stdin.flush()
        return [Outcome(**outcome) for outcome in json.loads(self._process.stdout.readline())]

    def do(self, call: str, **facts: Any) -> Any:
        """Do one act and return its answer."""
        [outcome] = self.run(Act(call, facts))
        assert not outcome.died
        assert not outcome.error, outcome.error
        return outcome.answer

    def kill(self, step: str, call: str, *, nth: int = 1, **facts: Any) -> None:
        """Let a process go through an act and die at a step, which must come."""
        [outcome] = self.run(Act(call, facts, step, nth))
        assert outcome.died, f"{step} never came: {outcome}"


def database_url() -> str:
    """Return the address of the database that the running test uses."""
    from django.db import connection

    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{Path(facts['NAME']).resolve()}"
    who = ":".join(quote(facts[name], safe="") for name in ("USER", "PASSWORD") if facts[name])
    return f"postgres://{who}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


# --- In the other process ---


class Steps:
    """Counts the steps of an act, and ends the process at the chosen one as a power cut would."""

    def __init__(self, kill: str, nth: int) -> None:
        self.kill, self.left = kill, nth
        self.taken: list[str] = []

    def take(self, name: str) -> None:
        self.taken.append(name)
        if self.kill in (name, ANY_STEP):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Any, *args: Any, **kwargs: Any) -> Any:
        self.take(f"before {name}")
        result = call(*args, **kwargs)
        self.take(f"after {name}")
        return result

    def watch(self) -> None:
        """Count what the database and Stripe are asked from now on."""
        from django.db import connection

        from checkout.payments import gateway

        commit, ask = connection._commit, gateway._call
        connection._commit = lambda: self.around("commit", commit)
        connection.execute_wrappers.append(lambda execute, *args: self.around("sql", execute, *args))
        gateway._call = lambda service, verb, *args, **kwargs: self.around(
            f"{service}.{verb}", ask, service, verb, *args, **kwargs
        )


def perform(act: Act) -> Outcome:
    module, _dot, name = act.call.rpartition(".")
    steps = Steps(act.kill, act.nth)
    steps.watch()
    try:
        answer = getattr(import_module(module), name)(**act.facts)
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return Outcome(died=False, error=f"{type(error).__name__}: {error}", steps=tuple(steps.taken))
    return Outcome(died=False, answer=answer, steps=tuple(steps.taken))


def fork(act: Act, ready: int, go: int) -> tuple[int, int]:
    """Start a process for an act; it says on `ready` that it is, and begins when `go` has a byte for it.

    Returns its process id and where its outcome can be read.
    """
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    try:
        from django.db import connection

        connection.ensure_connection()
        os.write(ready, b".")
        os.read(go, 1)
        with os.fdopen(write, "w") as out:
            json.dump(asdict(perform(act)), out)
    finally:
        os._exit(0)


def run_at_once(acts: list[Act]) -> list[dict[str, Any]]:
    ready_read, ready = os.pipe()
    go, go_write = os.pipe()
    children = [fork(act, ready, go) for act in acts]
    os.close(ready)
    os.close(go)
    waiting = len(children)
    while waiting and (said := os.read(ready_read, waiting)):
        waiting -= len(said)
    for _child in children:
        os.write(go_write, b"!")
    os.close(ready_read)
    os.close(go_write)
    return [outcome_of(child, read) for child, read in children]


def outcome_of(child: int, read: int) -> dict[str, Any]:
    with os.fdopen(read) as answer:
        text = answer.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return asdict(Outcome(died=True))
    return json.loads(text) if text else asdict(Outcome(died=False, error="It ended without a word."))


def load_all() -> None:
    """Load what requests need: a fork of this process then has it, and need not load it again."""
    import django
    from django.template.loader import get_template
    from django.urls import reverse

    django.setup()
    import_module("tests.faults.acts")
    templates = ROOT / "templates"
    for path in templates.rglob("*.html"):
        if "admin" not in path.parts:
            get_template(str(path.relative_to(templates)))
    reverse("checkout:checkout")


def main() -> None:
    load_all()
    for line in sys.stdin:
        print(json.dumps(run_at_once([Act(**act) for act in json.loads(line)])), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
