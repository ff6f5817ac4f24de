"""Programs that run one application each, in the same process as what measures it."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bench.customer import Answer, Cost, Request
from bench.databases import LOG, ROOT, log


class Meter:
    """A `bench.probe`, until the end of the `with`. Measures CPU time."""

    command: tuple[str, ...] = (sys.executable, "-m", "bench.probe")

    def __init__(self, application: str, environment: dict[str, str]) -> None:
        with log() as said:
            self._process = subprocess.Popen(
                [*self.command, application], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def settle(self) -> None:
        """Tell it that the requests so far were to warm it up."""
        self._tell("settle")

    def run(self, request: Request, times: int = 1, *, forget: bool = False) -> Answer:
        """Return the answer to a request, and what it cost: of several times, on average."""
        self._tell("prepare", asked=asdict(request), times=times, forget=forget)
        self._go()
        return answer_of(self._tell("answer"))

    def _go(self) -> None:
        self._tell("go")

    def count(self, request: Request, *, forget: bool = False) -> Answer:
        """Return the answer to a request, and how many statements it took."""
        self._tell("prepare", asked=asdict(request), times=1, forget=forget)
        self._tell("count")
        answer = answer_of(self._tell("answer"))
        return replace(answer, cost=Cost(statements=answer.cost.statements))

    def _tell(self, name: str, **arguments: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([name, arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"The program that was measured ended with {self._process.wait()}: see {LOG}")
        return json.loads(line)


def answer_of(told: dict[str, Any]) -> Answer:
    """Return what a probe told of a request."""
    cost = Cost(**{name: told[name] for name in ("cpu", "took", "statements") if name in told})
    return Answer(told["status"], [(name, value) for name, value in told["headers"]], told["body"], cost)


class InstructionMeter(Meter):
    """The same under Valgrind's callgrind, which counts what the program's processor is told to do. Exact, and slow."""

    def __init__(self, application: str, environment: dict[str, str]) -> None:
        self._folder = TemporaryDirectory()
        self._counts, self._dumps = False, 0
        self.command = (
            "valgrind", "--tool=callgrind", "-q", "--instr-atstart=no",
            f"--callgrind-out-file={self._folder.name}/out", *Meter.command,
        )  # fmt: skip
        # So that one run is like the next.
        super().__init__(application, {**environment, "PYTHONHASHSEED": "0"})

    def __exit__(self, *why: object) -> None:
        super().__exit__(*why)
        self._folder.cleanup()

    def settle(self) -> None:
        """Tell it that the requests so far were to warm it up, and count from now on."""
        super().settle()
        self._control("instrumentation", "on")
        self._counts = True

    def run(self, request: Request, times: int = 1, *, forget: bool = False) -> Answer:
        """Return the answer to a request, and how many instructions it took: of several times, on average."""
        answer = super().run(request, times, forget=forget)
        return replace(answer, cost=Cost(instructions=self._last() / times)) if self._counts else answer

    def _go(self) -> None:
        if not self._counts:
            return super()._go()
        self._control("zero")
        super()._go()
        return self._control("dump")

    def _last(self) -> int:
        self._dumps += 1
        dump = Path(f"{self._folder.name}/out.{self._dumps}").read_text()
        counted = re.search(r"^totals: (\d+)", dump, re.MULTILINE)
        if counted is None:
            raise SystemExit(f"Callgrind wrote no total:\n{dump[:1000]}")
        return int(counted[1])

    def _control(self, *order: str) -> None:
        subprocess.run(["vgdb", f"--pid={self._process.pid}", *order], check=True, capture_output=True)
