import { Alert, Button, Group, List, Text } from '@mantine/core'
import { AlertIcon } from '@primer/octicons-react'
import { ApiProblem, Unreachable } from '../api/client.ts'
import { SignedOut, session } from '../sign-in/session.ts'

/** What went wrong, for the person who reads it: what, and what to do next. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const ended = error instanceof SignedOut
  const problem = error instanceof ApiProblem ? error : undefined
  const act = ended
    ? { label: 'Sign in again', run: () => void session.begin(location.pathname + location.search, false) }
    : onRetry && { label: 'Try again', run: onRetry }
  return (
    <Alert color="red" icon={<AlertIcon />} title={titleOf(error)} role="alert">
      {/* What its message says of faults is for programs: each is told below. */}
      {!(problem?.code === 'validation_failed' && problem.faults.length > 0) && (
        <Text size="sm">{ended ? 'Nothing is lost: you come back to this page.' : error.message}</Text>
      )}
      {problem && problem.faults.length > 0 && (
        <List size="sm">
          {problem.faults.map(fault => (
            <List.Item key={`${fault.pointer ?? fault.parameter} ${fault.detail}`}>
              {nameOf(fault.pointer ?? fault.parameter ?? '')} {fault.detail}
            </List.Item>
          ))}
        </List>
      )}
      {problem && problem.status >= 500 && problem.requestId && (
        <Text size="sm">Request {problem.requestId} in the server’s log says more.</Text>
      )}
      {act && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={act.run}>
            {act.label}
          </Button>
        </Group>
      )}
    </Alert>
  )
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** One line of it, for a notification. */
export function titleOf(error: Error): string {
  if (error instanceof SignedOut) return 'Your session has ended'
  if (error instanceof Unreachable) return 'The server cannot be reached'
  return error instanceof ApiProblem ? error.title : 'This did not work'
}

/** `/sentinelPass/validUntil` is the field `validUntil`, and `/sentinelPass/tags/0` one of `tags`. */
function nameOf(pointer: string): string {
  return pointer.split('/').findLast(part => !/^\d+$/.test(part)) ?? ''
}
