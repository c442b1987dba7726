import { z } from 'zod'

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
    Object.assign(this.components, $defs)
    return root
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
