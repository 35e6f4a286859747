"""The scripts of a request: what Postman runs before it and after its answer."""

import json
from typing import Any

from accounts.postman.operations import Answer
from accounts.postman.step import REASONS, Fact, Step

Lines = list[str]


def before(step: Step) -> Lines:
    """The lines that prepare or skip the request."""
    lines = []
    if step.is_start:
        lines.append('pm.collectionVariables.set("run", Date.now().toString(36));')
    lines += [
        f'pm.collectionVariables.set("{name}", pm.variables.replaceIn("{{{{$guid}}}}"));'
        for name in step.new_ids
    ]
    if step.unless:
        lines += [f'pm.collectionVariables.set("{name}", "");' for name in step.keeps]
    if step.needs:
        lines += [
            f'if (!pm.variables.get("{step.needs}")) {{',
            f'  console.log("Skipped: " + pm.info.requestName + ": {REASONS[step.needs]}");',
            "  pm.execution.skipRequest();",
            "}",
        ]
    return lines


def after(step: Step, answer: Answer) -> Lines:
    """The lines that test the answer, and keep values of it."""
    is_json = answer.media_type == "application/json"
    lines = ["const answer = pm.response.json();"] if is_json else []
    statuses = [step.status, step.also] if step.also else [step.status]
    name = "Status " + " or ".join(map(str, statuses))
    lines += _test(name, f"pm.expect(pm.response.code).to.be.oneOf({statuses})")
    if answer.media_type:
        header = 'pm.response.headers.get("Content-Type")'
        lines += _test(
            f"Content type {answer.media_type}", f'pm.expect({header}).to.include("{answer.media_type}")'
        )
    if is_json and answer.schema is not None:
        lines += ["const schema = {", *_schema_lines(answer.schema), "};"]
        lines += _test("The schema of the OpenAPI document", "pm.response.to.have.jsonSchema(schema)")
    fact = step.fact or Fact(f"Code {step.code}", "answer.code", step.code)
    lines += _test(fact.sentence, _assertion(fact))
    lines += [f'pm.collectionVariables.set("{name}", {value});' for name, value in step.keeps.items()]
    return _or_skipped(step, lines)


def _test(name: str, assertion: str) -> Lines:
    return [f"pm.test({json.dumps(name)}, () => {assertion});"]


def _assertion(fact: Fact) -> str:
    """Texts with variables are compared as texts, because a variable may be a number."""
    if isinstance(fact.expected, str) and "{{" in fact.expected:
        return f"pm.expect(String({fact.value})).to.eql(pm.variables.replaceIn({json.dumps(fact.expected)}))"
    return f"pm.expect({fact.value}).to.eql({json.dumps(fact.expected, ensure_ascii=False)})"


def _schema_lines(schema: dict[str, Any]) -> Lines:
    """The schema without its braces, one line a key and a definition."""
    lines = []
    for key, value in schema.items():
        if key == "definitions":
            each = [f"    {json.dumps(name)}: {json.dumps(found)}," for name, found in value.items()]
            lines += ["  definitions: {", *each, "  },"]
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)},")
    return lines


def _or_skipped(step: Step, lines: Lines) -> Lines:
    """The lines, but only a sentence if the server lacks what the request needs."""
    if step.unless is None:
        return lines
    status, code, sentence = step.unless
    return [
        f'if (pm.response.code === {status} && pm.response.json().code === "{code}") {{',
        f'  console.log("Skipped: " + pm.info.requestName + ": {sentence}");',
        f'  pm.test("Skipped: {sentence}", () => {{}});',
        "} else {",
        *(f"  {line}" for line in lines),
        "}",
    ]
