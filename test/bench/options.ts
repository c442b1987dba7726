import { parseArgs } from 'node:util'
import { z } from 'zod'
import { EX_USAGE, OperatorError } from '../../src/platform/errors.ts'
import { SCENARIOS, TARGETS, type TargetName, WRONG_SECRETS } from './scenarios.ts'

const NAMES = [...SCENARIOS.map(({ name }) => name), WRONG_SECRETS]

export const USAGE = `npm run bench -- [options]

  --only NAMES         of ${NAMES.join(', ')}
  --targets NAMES      of ${TARGETS.join(', ')}
  --rounds N           interleaved, of which medians are taken (5)
  --seconds N          of each round (4)
  --connections N,N    instead of those of each scenario (32 and 64, 32 where it is signed)
  --passes N           on each database (1000)
  --profile NAME       no figures: where this server on PostgreSQL spends its time in one of them
  --markdown           writes the tables into docs/performance.md
`

/** What a run is to do. */
export interface Options {
  readonly only: readonly string[]
  readonly targets: readonly TargetName[]
  readonly rounds: number
  readonly seconds: number
  /** Undefined: those of each scenario. */
  readonly connections: readonly number[] | undefined
  readonly passes: number
  readonly profile: string | undefined
  readonly markdown: boolean
  readonly help: boolean
}

const count = z.coerce.number().pipe(z.int().min(1))
const list = (value: string) => value.split(',').filter(Boolean)
const values = z.object({
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
  connections: z
    .string()
    .transform(text => list(text).map(Number))
    .pipe(z.array(z.int().min(1)).min(1))
    .optional(),
  passes: count.default(1000),
  profile: z.enum(SCENARIOS.map(({ name }) => name)).optional(),
  markdown: z.boolean().default(false),
  help: z.boolean().default(false),
})

/** @throws OperatorError that says what is wrong with the arguments */
export function optionsOf(args: readonly string[]): Options {
  const parsed = values.safeParse(given(args))
  if (parsed.success) return { connections: undefined, profile: undefined, ...parsed.data }
  const faults = parsed.error.issues.map(issue => `--${issue.path.join(' ')}: ${issue.message}`)
  throw new OperatorError(faults.join('\n'), EX_USAGE)
}

function given(args: readonly string[]): object {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ only: text, targets: text, rounds: text, seconds: text, connections: text, passes: text },
        profile: text,
        markdown: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), EX_USAGE)
  }
}
