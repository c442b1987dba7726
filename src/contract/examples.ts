import type { JsonSchema } from './json-schema.ts'

/** What values of these formats look like. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2030-01-31T00:00:00Z',
  date: '2030-01-31',
  email: 'ada@example.com',
  uri: 'https://example.com',
  uuid: '01a1fc50-b7ad-71f9-b8ca-8d66a0df7662',
}

/**
 * A value that a schema describes: the example that it gives, or else one put together of those parts that are
 * required or, where none is, that give an example. Undefined where the schema is no help: then it needs an example.
 * @param components the schemas that it can refer to, by their names
 */
export function exampleOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): unknown {
  const [given] = Array.isArray(schema.examples) ? schema.examples : []
  if (given !== undefined) return given
  const referred = components[schema.$ref?.split('/').at(-1) ?? '']
  if (referred) return exampleOf(referred, components)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [first] = schema.anyOf ?? schema.oneOf ?? []
  if (typeof first === 'object') return exampleOf(first, components)
  return builtOf(schema, components) ?? schema.default
}

function builtOf(schema: JsonSchema, components: Readonly<Record<string, JsonSchema>>): unknown {
  const { type, properties = {}, required = [], items, format = '' } = schema
  if (type === 'array') return isSchema(items) ? [exampleOf(items, components)] : []
  if (type !== 'object') return FORMATS[format]
  const parts = Object.entries(properties)
    .filter(([name]) => required.length === 0 || required.includes(name))
    .map(([name, part]) => [name, typeof part === 'object' ? exampleOf(part, components) : undefined])
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined))
}

function isSchema(value: JsonSchema['items']): value is JsonSchema {
  return typeof value === 'object' && !Array.isArray(value)
}
