// Generates docs/reference/messages.md: every message type with the members of its request and answer, from the schemas.

import { messageTable, type RequestType, requestTypes } from "./message-table.ts";

const introduction = `# Messages

Members of each message's data as the code reads them; what they mean stands in \`spec/protocol.md\`, section 11. A member with
a question mark may be left out. Members of a list's entries stand below the list.

This page is generated from \`packages/protocol/src/messages\` by \`npm run docs\`.
`;

type Shape = {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly pipe?: readonly Shape[];
  readonly options?: readonly Shape[];
  readonly literal?: unknown;
};

/** Rows for a schema's members, those of inner objects below them with their path. */
function members(shape: Shape, path: string): readonly string[] {
  return Object.entries(shape.entries ?? {}).flatMap(([name, member]) => {
    const isOptional = member.type === "optional";
    const own = `${path}${name}`;
    const inner = objectsInside(member).flatMap((each) => members(each, `${own}${isList(member) ? "[]" : ""}.`));
    return [`| \`${own}\`${isOptional ? " ?" : ""} | ${kindOf(member)} |\n`, ...new Set(inner)];
  });
}

function unwrapped(shape: Shape): Shape {
  const inner = shape.wrapped ?? shape.pipe?.[0];
  return inner === undefined || inner === shape ? shape : unwrapped(inner);
}

const isList = (shape: Shape): boolean => unwrapped(shape).type === "array";

function objectsInside(shape: Shape): readonly Shape[] {
  const plain = unwrapped(shape);
  if (plain.item !== undefined) return objectsInside(plain.item);
  if (plain.options !== undefined && plain.type === "variant") return plain.options.flatMap(objectsInside);
  return plain.entries === undefined ? [] : [plain];
}

function kindOf(shape: Shape): string {
  const plain = unwrapped(shape);
  switch (plain.type) {
    case "array":
      return "list";
    case "strict_object":
    case "variant":
      return "object";
    case "literal":
      return `\`${JSON.stringify(plain.literal)}\``;
    case "picklist":
      return (plain.options ?? []).map((option) => `\`${String(option)}\``).join(", ");
    case "union":
      return [...new Set((plain.options ?? []).map(kindOf))].join(" or ");
    default:
      return plain.type ?? "";
  }
}

function renderType(type: RequestType): string {
  const { request, answer, mustSign } = messageTable[type];
  const table = (title: string, schema: Shape) =>
    `\n${title}\n\n| member | kind |\n|---|---|\n${members(schema, "").join("")}`;
  const signed = mustSign ? "Always signed." : "May be unsigned.";
  return `\n## ${type}\n\n${signed}\n${table("Request:", request as Shape)}${table("Answer with status OK:", answer as Shape)}`;
}

const render = (): string => introduction + requestTypes.map(renderType).join("");

export const pages: readonly { readonly name: string; readonly render: () => string }[] = [
  { name: "messages.md", render },
];
