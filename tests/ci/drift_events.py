"""Runs the CloudFormation template of event-driven drift as far as that needs no AWS.

Patterns and input transformers of EventBridge, and state machines of Step Functions, as AWS documents them, in what the
template uses of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).resolve().parents[2] / "examples/aws/drift-events.yaml"
APPLY_ROLE = "arn:aws:iam::123456789012:role/iamctl-apply"
_ABSENT = object()


class _Loader(yaml.SafeLoader):
    """Reads ``!Ref x`` and its siblings as ``{"Ref": x}``."""


def _tagged(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    make = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
    return {suffix: make(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def template():
    """Return the template as data."""
    return yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader=_Loader)


def resource(name):
    """Return the properties of a resource."""
    return template()["Resources"][name]["Properties"]


def matches(pattern, event):
    """Tell whether an event matches a pattern: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html."""
    return all(
        any(matches(one, event) for one in wanted) if name == "$or" else _has(wanted, _at(event, name))
        for name, wanted in pattern.items()
    )


def _at(event, name):
    return event.get(name, _ABSENT) if isinstance(event, dict) else _ABSENT


def _has(wanted, found):
    if isinstance(wanted, dict):
        return matches(wanted, found if isinstance(found, dict) else {})
    return any(_fits(one, found) for one in wanted)


def _fits(one, found):
    if not isinstance(one, dict):
        return one == found
    if "exists" in one:
        return (found is not _ABSENT) == one["exists"]
    refused = [APPLY_ROLE if value == {"Ref": "ApplyRoleArn"} else value for value in one["anything-but"]]
    return found is not _ABSENT and found not in refused


def transformed(event):
    """Return what the target of the rule gets: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html."""
    (target,) = resource("Rule")["Targets"]
    paths, text = (target["InputTransformer"][name] for name in ("InputPathsMap", "InputTemplate"))

    def value(found):
        place = event
        for part in paths[found[1]].removeprefix("$.").split("."):
            place = _at(place, part)
        return "" if place is _ABSENT else json.dumps(place)[1:-1]

    return json.loads(re.sub(r"<(\w+)>", value, text))


class StateMachine:
    """Executions side by side with one clock; ``started`` are the requests to the CI system with their times."""

    def __init__(self, system="github", delay=120):
        start = {"github": "StartGitHub", "gitlab": "StartGitLab"}[system]
        values = {
            "Delay": delay,
            "Start": start,
            "Branch": "main",
            "Endpoint": "https://ci.example",
            "Connection": "arn",
        }
        text = json.dumps(resource("StateMachine")["Definition"])
        self._states = json.loads(re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), text))
        self._running = []
        self.started = []

    def run(self, inputs):
        """Run one execution for each pair of time and input, until all have ended."""
        waiting = [(at, number, self._states["StartAt"], given) for number, (at, given) in enumerate(inputs)]
        while waiting:
            waiting.sort(key=lambda one: one[:2])
            at, number, state, data = waiting.pop(0)
            if number not in self._running:
                self._running.append(number)
            after = self._step(self._states["States"][state], at, number, data)
            if after is None:
                self._running.remove(number)
            else:
                waiting.append((at + after[0], number, *after[1:]))

    def _step(self, state, at, number, data):
        """Return how long it takes, the next state and its data; None at the end."""
        match state["Type"]:
            case "Succeed":
                return None
            case "Wait":
                seconds = data[state["SecondsPath"].removeprefix("$.")] if "SecondsPath" in state else state["Seconds"]
                return seconds, state["Next"], data
            case "Pass":
                return (
                    0,
                    state["Next"],
                    {
                        name.removesuffix(".$"): _evaluated(name, text, data)
                        for name, text in state["Parameters"].items()
                    },
                )
            case "Choice":
                fitting = (rule["Next"] for rule in state["Choices"] if _chooses(rule, data, number))
                return 0, next(fitting, state.get("Default")), data
            case "Task" if state["Resource"].endswith(":listExecutions"):
                return 0, state["Next"], {**data, "running": {"oldest": self._running[:1]}}
            case "Task":
                self.started.append((at, _filled(state["Parameters"]["RequestBody"], data)))
                return None


def _chooses(rule, data, number):
    if rule["Variable"] == "$.system":
        return data["system"] == rule["StringEquals"]
    oldest = data["running"]["oldest"]
    if "IsPresent" in rule:
        return bool(oldest) == rule["IsPresent"]
    return bool(oldest) and oldest[0] == number


def _evaluated(name, text, data):
    if not name.endswith(".$"):
        return text
    if inner := re.fullmatch(r"States\.StringToJson\('(.*)'\)", text):
        return json.loads(inner[1])
    if inner := re.fullmatch(r"States\.JsonToString\(\$\.(\w+)\)", text):
        return json.dumps(data[inner[1]])
    return data[text.removeprefix("$.")]


def _filled(body, data):
    return {
        name.removesuffix(".$"): _filled(value, data) if isinstance(value, dict) else _evaluated(name, value, data)
        for name, value in body.items()
    }
