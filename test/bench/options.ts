import { parseArgs } from 'node:util'
import { z } from 'zod'
import { EX_USAGE, OperatorError } from '../../src/platform/errors.ts'
import { SCENARIOS, TARGETS, type TargetName } from './scenarios.ts'

const NAMES = SCENARIOS.map(({ name }) => name)
export const PARTS = ['speed', 'wrong-secrets', 'rows', 'readers', 'memory'] as const
export type PartName = (typeof PARTS)[number]

export const USAGE = `npm run bench -- [options]

  --parts NAMES        of ${PARTS.join(', ')} (speed and wrong-secrets; speed with --only or --targets), or all
  --only NAMES         of speed: ${NAMES.join(', ')}
  --targets NAMES      of ${TARGETS.join(', ')}
  --rounds N           interleaved, of which medians are taken (5)
  --seconds N          of each round (4)
  --connections N,N    instead of those of each scenario (32 and 64, 32 where it is signed)
  --passes N           on each database (1000)
  --rows N,N           sizes of a small log and of a large one (100000,10000000)
  --read-rows N        size of the log that is read beside grants (600000)
  --grants N,N         after which memory is read (10000,1000000)
  --profile NAME       no figures: where this server on PostgreSQL spends its time in one of them
  --unpinned           has the system place servers, which else have a core of their own
  --markdown           writes the tables into docs/performance.md
`

/** What a run is to do. */
export interface Options {
  readonly parts: readonly PartName[]
  readonly only: readonly string[]
  readonly targets: readonly TargetName[]
  readonly rounds: number
  readonly seconds: number
  /** Undefined: those of each scenario. */
  readonly connections: readonly number[] | undefined
  readonly passes: number
  /** How many rows a small log has, and a large one. */
  readonly rows: readonly [small: number, large: number]
  /** How many rows the log has that is read beside grants. */
  readonly readRows: number
  /** After how many grants memory is read. */
  readonly grants: readonly [few: number, many: number]
  readonly profile: string | undefined
  readonly markdown: boolean
  readonly unpinned: boolean
  readonly help: boolean
}

const count = z.coerce.number().pipe(z.int().min(1))
const list = (value: string) => value.split(',').filter(Boolean)
const counts = z.string().transform(text => list(text).map(Number))
const pair = counts.pipe(z.tuple([z.int().min(1), z.int().min(1)]))
const values = z.object({
  parts: z
    .string()
    .transform(text => (text === 'all' ? [...PARTS] : list(text)))
    .pipe(z.array(z.enum(PARTS)))
    .optional(),
  only: z
    .string()
    .transform(list)
    .pipe(z.array(z.enum(NAMES)))
    .default(NAMES),
  targets: z
    .string()
    .transform(list)
    .pipe(z.array(z.enum(TARGETS)))
    .default([...TARGETS]),
  rounds: count.default(5),
  seconds: z.coerce.number().positive().default(4),
  connections: counts.pipe(z.array(z.int().min(1)).min(1)).optional(),
  passes: count.default(1000),
  rows: pair.default([100_000, 10_000_000]),
  readRows: count.default(600_000),
  grants: pair.default([10_000, 1_000_000]),
  profile: z.enum(SCENARIOS.map(({ name }) => name)).optional(),
  markdown: z.boolean().default(false),
  unpinned: z.boolean().default(false),
  help: z.boolean().default(false),
})

/** @throws OperatorError that says what is wrong with the arguments */
export function optionsOf(args: readonly string[]): Options {
  const { 'read-rows': readRows, ...others } = given(args)
  const parsed = values.safeParse({ ...others, readRows })
  if (parsed.success) {
    // Who chooses servers or scenarios wants these.
    const parts =
      (others.only ?? others.targets) ? (['speed'] as const) : (['speed', 'wrong-secrets'] as const)
    return { connections: undefined, profile: undefined, ...parsed.data, parts: parsed.data.parts ?? parts }
  }
  const faults = parsed.error.issues.map(issue => `--${issue.path.join(' ')}: ${issue.message}`)
  throw new OperatorError(faults.join('\n'), EX_USAGE)
}

function given(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ only: text, targets: text, rounds: text, seconds: text, connections: text, passes: text },
        ...{ parts: text, rows: text, 'read-rows': text, grants: text, profile: text },
        markdown: { type: 'boolean' },
        unpinned: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), EX_USAGE)
  }
}
