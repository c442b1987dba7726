import { errorText } from '../platform/masking.ts'
import { type Fault, PROBLEMS, type Problem } from './problems.ts'

/** More than a person mends at a time; the rest shows when these are. */
const MOST_FAULTS = 100

export const PROBLEM_TYPE = 'application/problem+json'

/** A problem as it is answered (RFC 9457). @param instance the id of the request */
export function presentProblem(problem: Problem, instance: string): Record<string, unknown> {
  const { errors } = problem
  // That a credential was shown is said in the challenge.
  const { presented: _presented, ...extra } = problem.extra
  return {
    type: `urn:sentinel-pass:problem:${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: errorText(problem.message),
    instance,
    ...(errors ? { errors: errors.slice(0, MOST_FAULTS).map(presentFault) } : {}),
    ...(errors && errors.length > MOST_FAULTS ? { more_errors: errors.length - MOST_FAULTS } : {}),
    ...extra,
  }
}

function presentFault(fault: Fault): Fault {
  const detail = errorText(fault.detail)
  return 'pointer' in fault
    ? { pointer: errorText(fault.pointer), detail }
    : { parameter: errorText(fault.parameter), detail }
}
