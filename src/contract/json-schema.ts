import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { FIELDS, SCHEMAS, type Words } from './words.ts'

/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 uses it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema

/** Formats that say by themselves what their long patterns say. */
const PLAIN_FORMATS = new Set(['date', 'date-time', 'uuid', 'ipv4', 'ipv6', 'cidrv4', 'cidrv6', 'uri'])

/** Turns the schemas that validate requests into JSON Schemas, and gathers those that have a name. */
export class JsonSchemas {
  /** By their names, as `#/components/schemas/…` refers to them. */
  readonly components: Record<string, JsonSchema> = {}
  readonly #made = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() }

  /** @param side what goes into a schema that transforms, or what comes out of it */
  of(schema: z.ZodType, side: 'input' | 'output'): JsonSchema {
    const known = this.#made[side].get(schema)
    if (known) return known
    const made = this.#make(schema, side)
    this.#made[side].set(schema, made)
    return made
  }

  #make(schema: z.ZodType, side: 'input' | 'output'): JsonSchema {
    const made = z.toJSONSchema(schema, { io: side, unrepresentable: 'any', override: simplify })
    // Once through JSON: members that a description unsets are gone, and nothing is shared.
    const { $schema, $defs, ...root }: JsonSchema = JSON.parse(
      JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/'),
    )
    for (const [name, schema] of Object.entries($defs ?? {})) this.#put(name, schema)
    return root
  }

  #put(name: string, schema: JsonSchema): JsonSchema {
    describeFields(schema, name)
    const described = { ...SCHEMAS[name], ...schema }
    const known = this.components[name]
    if (known && !isDeepStrictEqual(known, described))
      throw new Error(`Two different schemas have the name ${name}: give one of them another`)
    this.components[name] = described
    return { $ref: `#/components/schemas/${name}` }
  }

  /**
   * A schema by its name: its own, one after the schema that it wraps, or else the one that is given.
   * @param otherwise how to name and describe it
   */
  named(
    schema: z.ZodType,
    side: 'input' | 'output',
    otherwise: { name: string; description: string },
  ): JsonSchema {
    const made = this.of(schema, side)
    if (made.$ref !== undefined || !isStructured(made)) return made
    const name = wrapperName(made) ?? otherwise.name
    return this.#put(name, { description: otherwise.description, ...made })
  }

  /**
   * The parameters of a query by their names. A query is text: a number in it is described as the number that is
   * read, everything else as the text that is sent.
   */
  parameters(query: z.ZodType): { name: string; required: boolean; schema: JsonSchema }[] {
    const { properties = {}, required = [] } = this.of(query, 'input')
    const read = this.of(query, 'output').properties ?? {}
    return Object.entries(properties).map(([name, sent]) => {
      const parsed = read[name]
      const isNumber = typeof parsed === 'object' && parsed.type === 'integer'
      return {
        name,
        required: required.includes(name),
        schema: isNumber ? parsed : typeof sent === 'object' ? sent : {},
      }
    })
  }
}

function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format !== undefined && PLAIN_FORMATS.has(jsonSchema.format)) delete jsonSchema.pattern
  // JavaScript's safe integers are no rule of the contract.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
}

/** Whether it is worth a name: text and numbers are not. */
function isStructured({ type, anyOf, allOf, oneOf }: JsonSchema): boolean {
  return type === 'object' || type === 'array' || [anyOf, allOf, oneOf].some(Boolean)
}

/** `{"data": Thing}` is the answer of the thing, `{"data": [Thing]}` a list, with `meta` a page. */
function wrapperName({ properties = {} }: JsonSchema): string | undefined {
  const { data, meta, ...others } = properties
  if (typeof data !== 'object' || Object.keys(others).length > 0) return undefined
  const items = typeof data.items === 'object' && !Array.isArray(data.items) ? data.items : undefined
  const thing = nameIn(data) ?? (items && nameIn(items))
  if (thing === undefined) return undefined
  if (meta === undefined) return items ? `${thing}List` : `${thing}Answer`
  return items && typeof meta === 'object' && nameIn(meta) === 'PageMeta' ? `${thing}Page` : undefined
}

function nameIn({ $ref }: JsonSchema): string | undefined {
  return $ref?.split('/').at(-1)
}

/** Has every property of a schema say what it is, those within it too; what it says itself counts first. */
function describeFields(schema: JsonSchema, name: string): void {
  for (const [field, property] of Object.entries(schema.properties ?? {}))
    if (typeof property === 'object' && property.$ref === undefined)
      addWords(property, FIELDS[`${name}.${field}`] ?? FIELDS[field] ?? {})
  for (const part of partsOf(schema)) describeFields(part, name)
}

function addWords(property: JsonSchema, { description, examples, minimum, maximum }: Words): void {
  if (description !== undefined) property.description ??= description
  if (examples !== undefined) property.examples ??= examples
  if (property.type !== 'integer' && property.type !== 'number') return
  if (minimum !== undefined) property.minimum ??= minimum
  if (maximum !== undefined) property.maximum ??= maximum
}

/** The schemas that stand in a schema. */
export function partsOf(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, items, additionalProperties, anyOf = [], allOf = [], oneOf = [] } = schema
  return [...Object.values(properties), items, additionalProperties, ...anyOf, ...allOf, ...oneOf]
    .flat()
    .filter(part => typeof part === 'object')
}
