import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './console.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from './api/client.ts'
import { router } from './router.tsx'
import { SignedOut } from './sign-in/session.ts'
import { COLOR_SCHEME_KEY, cssVariablesResolver, DEFAULT_COLOR_SCHEME, theme } from './theme.ts'

const RETRY_MS = 5000

const queryClient = new QueryClient({
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

const colorScheme = localStorageColorSchemeManager({ key: COLOR_SCHEME_KEY })

/** Draws the console. @param refusal why a sign-in did not come about; undefined when it did, or was not tried */
export function drawApp(refusal: string | undefined): void {
  const root = document.getElementById('root')
  if (root)
    createRoot(root).render(
      <StrictMode>
        <App refusal={refusal} />
      </StrictMode>,
    )
}

function App({ refusal }: { readonly refusal: string | undefined }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorScheme}
      defaultColorScheme={DEFAULT_COLOR_SCHEME}
    >
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} context={{ refusal }} />
      </QueryClientProvider>
    </MantineProvider>
  )
}

function isJudged(error: Error): boolean {
  return error instanceof SignedOut || (error instanceof ApiProblem && error.status < 500)
}
