import { UniqueConstraintViolationException } from '@mikro-orm/core'
import { Problem } from '../http/problems.ts'

const PASS_ID_CONSTRAINT = 'passes_project_id_pass_id_unique'

/** Whether the database refused a pass for its `passId`. */
export function isPassIdTaken(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException && error.message.includes(PASS_ID_CONSTRAINT)
}

export function passIdTaken(): Problem {
  return new Problem(
    'pass_id_taken',
    'Another pass of the project has this passId. Choose another, or leave it out.',
    [{ pointer: '/sentinelPass/passId', detail: 'is taken in this project' }],
  )
}
