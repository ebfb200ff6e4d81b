"""The page at /docs: it reads the OpenAPI document and shows it. Nothing on it comes from another host."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --line: #8884; --soft: #8882 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre, .method, .path { font-family: ui-monospace, monospace; font-size: .9em }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem }
summary { cursor: pointer; display: flex; gap: .8rem; flex-wrap: wrap; align-items: baseline }
.method { font-weight: 700; min-width: 4.5rem }
.GET { color: #17803d } .POST { color: #2563eb } .DELETE { color: #d03030 }
.said { opacity: .75; margin-left: auto }
h3 { font-size: 1rem; margin: 1rem 0 .3rem }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top }
td:first-child { white-space: nowrap }
pre { background: var(--soft); border-radius: 6px; overflow: auto; padding: .6rem }
</style>
<h1 id="title">API</h1>
<p><a href="openapi.json">openapi.json</a></p>
<main id="operations">Loading</main>
<h2>Models</h2>
<section id="models"></section>
<script>
"use strict";
const make = (tag, props, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const code = text => make("code", {}, text);
const named = ref => ref.split("/").pop();
const link = ref => make("a", { href: "#" + named(ref) }, named(ref));
const joined = (parts, between) => parts.flatMap((part, at) => at ? [between, part].flat() : [part].flat());
const limits = [["minimum", "from "], ["maximum", "to "], ["minLength", "from ", " characters"],
  ["maxLength", "up to ", " characters"], ["minItems", "from ", " items"], ["maxItems", "up to ", " items"]];
const kind = schema => {
  if (schema.$ref) return [link(schema.$ref)];
  if (schema.anyOf) return joined(schema.anyOf.map(kind), " or ");
  if ("const" in schema) return [code(JSON.stringify(schema.const))];
  if (schema.enum) return joined(schema.enum.map(each => code(JSON.stringify(each))), ", ");
  if (schema.type === "array") return ["list of ", ...kind(schema.items || {})];
  const inside = schema.additionalProperties;
  if (schema.type === "object" && inside && inside !== true) return ["object of ", ...kind(inside)];
  return [schema.format || schema.type || "anything"];
};
const bounds = schema => {
  const each = schema.anyOf ? Object.assign({}, ...schema.anyOf, schema) : schema;
  const said = limits.filter(([name]) => name in each).map(([name, before, after = ""]) => before + each[name] + after);
  if ("default" in schema) said.push("default " + JSON.stringify(schema.default));
  return said.join(", ");
};
const row = (name, schema, isRequired, said) => make("tr", {},
  make("td", {}, code(name), isRequired ? " *" : ""), make("td", {}, ...kind(schema)),
  make("td", {}, [said || schema.description, bounds(schema)].filter(Boolean).join("; ")));
const table = rows => make("table", {}, make("tbody", {}, ...rows));
const answer = ([status, said]) => make("tr", {}, make("td", {}, code(status)), make("td", {}, said.description),
  make("td", {}, ...joined(Object.entries(said.content || {}).map(([type, body]) =>
    body.schema && body.schema.$ref ? [link(body.schema.$ref)] : [type]), ", ")));
const operation = (path, method, said) => {
  const body = said.requestBody && said.requestBody.content["application/json"].schema;
  const parameters = said.parameters || [];
  return make("details", {},
    make("summary", {}, make("span", { className: "method " + method.toUpperCase() }, method.toUpperCase()),
      make("span", { className: "path" }, path), make("span", { className: "said" }, said.summary)),
    ...(parameters.length ? [make("h3", {}, "Parameters"),
      table(parameters.map(each => row(each.name, each.schema, each.required, each.description)))] : []),
    ...(body ? [make("h3", {}, "Body"), make("p", {}, ...kind(body))] : []),
    make("h3", {}, "Answers"), table(Object.entries(said.responses).map(answer)));
};
const model = ([name, schema]) => make("details", { id: name }, make("summary", {}, code(name)),
  table(Object.entries(schema.properties || {}).map(([field, each]) =>
    row(field, each, (schema.required || []).includes(field)))));
const opened = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target) { target.open = true; target.scrollIntoView(); }
};
const show = api => {
  document.title = document.getElementById("title").textContent = api.info.title + " " + api.info.version;
  document.getElementById("operations").replaceChildren(...Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => operation(path, method, said))));
  document.getElementById("models").replaceChildren(...Object.entries(api.components.schemas).map(model));
  opened();
};
addEventListener("hashchange", opened);
fetch("openapi.json").then(answer => answer.json()).then(show);
</script>
"""
