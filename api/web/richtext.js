// Plain text plus bold, headings, lists and links to our own clauses; everything else stays the characters it is.

import { el } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|\[\[([A-Z0-9-]{2,40})\]\]|\[([^\]\n]{1,200})\]\(\/v1\/policies\/([A-Z0-9-]{2,40})\)/g;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d{1,2}[.)]\s+(.*)$/;
const HEADING = /^#{1,4}\s+(.*)$/;

/** Text -> nodes. onClause(id) opens a clause. */
export function richText(text, onClause) {
  const nodes = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const groups = [];
    for (const line of block.split("\n")) {
      if (!line.trim()) continue;
      const [kind, words] = kindOf(line);
      const last = groups.at(-1);
      if (last && last.kind === kind && kind !== "h3") last.lines.push(words);
      else groups.push({ kind, lines: [words] });
    }
    nodes.push(...groups.map((group) => shown(group, onClause)));
  }
  return nodes;
}

function kindOf(line) {
  for (const [kind, pattern] of [["ul", BULLET], ["ol", NUMBER], ["h3", HEADING]]) {
    const match = pattern.exec(line);
    if (match) return [kind, match[1]];
  }
  return ["p", line];
}

function shown({ kind, lines }, onClause) {
  if (kind === "ul" || kind === "ol") return el(kind, {}, ...lines.map((line) => el("li", {}, ...inline(line, onClause))));
  return el(kind, {}, ...inline(lines.join("\n").trim(), onClause));
}

function inline(text, onClause) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(from, match.index));
    const [whole, bold, bare, label, named] = match;
    nodes.push(bold ? el("strong", {}, bold) : link(label ?? bare, named ?? bare, onClause));
    from = match.index + whole.length;
  }
  return [...nodes, text.slice(from)].filter((node) => node !== "");
}

const link = (label, id, onClause) => el("button", { type: "button", class: "link", onclick: () => onClause(id) }, label);
