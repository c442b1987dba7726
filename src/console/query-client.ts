import { QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './api/client.ts'
import { SignedOut } from './sign-in/session.ts'

const RETRY_MS = 5000

/** What was read of the server, for every page. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A page that cannot reach the server says so; it does not wait in silence.
      networkMode: 'always',
      // Once, after five seconds; what the server has judged is not different then.
      retry: (failures, error) => failures < 1 && !isJudged(error),
      retryDelay: RETRY_MS,
    },
  },
})

function isJudged(error: Error): boolean {
  return error instanceof SignedOut || (error instanceof ApiProblem && error.status < 500)
}
