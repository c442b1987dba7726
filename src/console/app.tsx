import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './console.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './query-client.ts'
import { router } from './router.tsx'
import { COLOR_SCHEME_KEY, cssVariablesResolver, DEFAULT_COLOR_SCHEME, theme } from './theme.ts'

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
