/** Which parts of the wire's schemas a set of examples shows, so that a part without an example is found by a test. */
import { z } from "zod";

type Schema = z.core.$ZodType;
type Part = { label: string; schema: Schema };

/** Collects examples. Schemas count by identity: a shape that many frames share needs each of its parts only once. */
export class Coverage {
  /** each schema seen, and where it was seen first */
  readonly #shown = new Map<Schema, string>();

  /** Takes in a value that the schema accepts. @param path names the value in what `missing` says */
  show(schema: Schema, value: unknown, path: string): void {
    if (!this.#shown.has(schema)) this.#shown.set(schema, path);
    if (schema instanceof z.ZodObject) {
      const fields = fieldsOf(value);
      for (const { label, schema: field } of partsOf(schema)) {
        if (fields[label] !== undefined) this.show(field, fields[label], `${path}.${label}`);
      }
    } else if (schema instanceof z.ZodUnion) {
      const taken = partsOf(schema).find((option) => z.safeParse(option.schema, value).success);
      if (taken) this.show(taken.schema, value, path);
    } else if (schema instanceof z.ZodArray || schema instanceof z.ZodRecord) {
      for (const item of Object.values(fieldsOf(value))) for (const part of partsOf(schema)) this.show(part.schema, item, path);
    } else {
      for (const part of partsOf(schema)) if (value !== null) this.show(part.schema, value, path);
    }
  }

  /** True when an example of this schema was taken in: by itself, inside another, or as fields spread into another. */
  has(schema: Schema): boolean {
    const fields = schema instanceof z.ZodObject ? partsOf(schema) : [];
    return this.#shown.has(schema) || (fields.length > 0 && fields.every((field) => this.#shown.has(field.schema)));
  }

  /** One line for each field, member or element that no example shows. */
  missing(): string[] {
    return [...this.#shown].flatMap(([schema, path]) =>
      partsOf(schema)
        .filter((part) => !this.#shown.has(part.schema))
        .map((part) => `${path} shows no ${part.label}`),
    );
  }
}

/** The names of a discriminated union's members, of all of them when unions lie inside a union. */
export function membersOf(schema: Schema): string[] {
  const parts = partsOf(schema);
  if (schema instanceof z.ZodDiscriminatedUnion) return parts.map((part) => part.label);
  return schema instanceof z.ZodUnion ? parts.flatMap((part) => membersOf(part.schema)) : [];
}

/** The schemas one level below. @throws for a kind of schema that the wire had no use for so far */
function partsOf(schema: Schema): Part[] {
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape).map(([label, field]) => ({ label, schema: field }));
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    return schema.options.map((option) => ({ label: tagOf(option, discriminator), schema: option }));
  }
  if (schema instanceof z.ZodUnion) return schema.options.map((option, n) => ({ label: `option ${n + 1}`, schema: option }));
  if (schema instanceof z.ZodIntersection)
    return [schema.def.left, schema.def.right].map((side) => ({ label: "side", schema: side }));
  if (schema instanceof z.ZodArray) return [{ label: "element", schema: schema.element }];
  if (schema instanceof z.ZodRecord) return [{ label: "value", schema: schema.valueType }];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return [{ label: "value", schema: schema.unwrap() }];
  }
  if (LEAVES.some((leaf) => schema instanceof leaf)) return [];
  throw new Error(`coverage.ts does not know schemas of the kind ${schema._zod.def.type}`);
}

const LEAVES = [z.ZodString, z.ZodISODateTime, z.ZodNumber, z.ZodBoolean, z.ZodEnum, z.ZodLiteral, z.ZodUnknown];

function tagOf(option: Schema, discriminator: string): string {
  const tag = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
  if (tag instanceof z.ZodLiteral) return String(tag.value);
  throw new Error(`a member of a union on "${discriminator}" has no literal there`);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
