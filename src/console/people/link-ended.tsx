import { Alert, Text } from '@mantine/core'
import { ApiProblem } from '../api/client.ts'
import { ToSignIn } from './to-sign-in.tsx'

/** Whether a refusal means that the link is good for nothing more. */
export function isLinkEnded(error: Error | null): boolean {
  return error instanceof ApiProblem && error.code === 'not_found'
}

/** A link that opens nothing any more. @param what the person can do about it */
export function LinkEnded({ what }: { readonly what: string }) {
  return (
    <>
      <Alert color="yellow" role="alert" title="This link does not work any more">
        <Text size="sm">{what}</Text>
      </Alert>
      <ToSignIn />
    </>
  )
}
