import { z } from 'zod'
import { OPERATIONS } from '../../src/contract/operations.ts'
import type { Operation } from '../../src/http/operation.ts'
import { Problem } from '../../src/http/problems.ts'
import { parseBody, parseQuery } from '../../src/http/validate.ts'
import { newPass } from '../../src/passes/pass.schema.ts'
import { parseNewPass } from '../../src/passes/pass-body.ts'

/** What no schema takes for everything, each of another kind. */
const STRANGE: readonly unknown[] = [
  ...[undefined, null, true, -1, 0.5, 1e12, '', 'x', '!? ', 'x'.repeat(5_000), '\0', '99999999'],
  ...[[], [null], [{}], ['x', 'x'], Array.from({ length: 600 }, (_, at) => `x${at}`), {}, { unknown: 1 }],
]

/** Values of all kinds for every place that a schema has. */
function inputsFor(schema: z.core.$ZodType, depth = 0): unknown[] {
  if (depth > 8) return []
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape
    const members = Object.entries(shape).flatMap(([name, member]) =>
      inputsFor(member, depth + 1).map(value => ({ [name]: value })),
    )
    return [...STRANGE, ...members]
  }
  if (schema instanceof z.ZodArray)
    return [...STRANGE, ...inputsFor(schema.element, depth + 1).map(value => [value])]
  if (schema instanceof z.ZodRecord)
    return [...STRANGE, ...inputsFor(schema.valueType, depth + 1).map(value => ({ x: value }))]
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion)
    return schema.options.flatMap(option => inputsFor(option, depth + 1))
  if (schema instanceof z.ZodPipe) return inputsFor(schema.in, depth)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional
  )
    return inputsFor(schema.unwrap(), depth)
  return [...STRANGE]
}

/** The details of every fault that a parser finds. */
function detailsOf(parse: (input: unknown) => unknown, inputs: readonly unknown[]): Set<string> {
  const details = new Set<string>()
  for (const input of inputs) {
    try {
      parse(input)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      for (const { detail } of error.errors ?? []) details.add(detail)
    }
  }
  return details
}

const LIBRARY_WORDS =
  /Invalid|expected|received|nonoptional|undefined|Too (?:big|small)|Unrecognized|match|\/\^|NaN|string|array\b/

function expectWords(details: ReadonlySet<string>): void {
  for (const detail of details) {
    expect(detail).not.toMatch(LIBRARY_WORDS)
    // To be read after the name of what it is about.
    expect(detail).toMatch(
      /^(?:must|is|are|has|have|may|goes|reaches|lies|lacks|differs|names|needs|cannot|does|holds|ends|there|would|appears|stands|contains|no|the|a|an|at|of) /,
    )
  }
}

/** Queries are nothing else. */
function isObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

const operations: readonly [string, Operation][] = Object.entries(OPERATIONS)
const bodies = operations.flatMap(([name, { body }]) =>
  body && body.type !== 'application/x-www-form-urlencoded' ? [{ name, schema: body.schema }] : [],
)
const queries = operations.flatMap(([name, { query }]) => (query ? [{ name, schema: query }] : []))

describe('a fault is told in words for people', () => {
  it.each(bodies)('in the body of $name', ({ schema }) => {
    const details = detailsOf(input => parseBody(schema, input), inputsFor(schema))
    expect(details.size).toBeGreaterThan(1)
    expectWords(details)
  })

  it.each(queries)('in the query of $name', ({ schema }) => {
    const details = detailsOf(input => parseQuery(schema, input), inputsFor(schema).filter(isObject))
    expect(details.size).toBeGreaterThan(0)
    expectWords(details)
  })

  it('in a pass, where fields are judged together, and as one is answered', () => {
    const inputs = inputsFor(newPass)
    const answered = inputs.map(attributes => ({ data: { type: 1, attributes } }))
    expectWords(
      detailsOf(input => parseNewPass(input, new Date(0), () => undefined), [...inputs, ...answered]),
    )
  })

  it('says that what is missing is required', () => {
    const details = (body: unknown) => [...detailsOf(input => parseBody(newPass, input), [body])]
    expect(details({ sentinelPass: {} })).toEqual(['is required'])
    expect(details({})).toEqual(['is required'])
    expect(details(undefined)).toEqual(['is required'])
    expect(details({ sentinelPass: { title: 5 } })).toEqual(['must be text'])
  })
})
