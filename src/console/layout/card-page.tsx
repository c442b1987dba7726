import { Center, Paper, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTitle } from '../shared/page.tsx'
import { Shield } from './shield.tsx'

/** A page of its own, without the frame: for somebody who is not signed in. */
export function CardPage({ title, heading = title, children }: CardPageProps) {
  useTitle(title)
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" maw={420} w="100%">
        <Stack>
          <Shield size={40} />
          <Title order={1} size="h2">
            {heading}
          </Title>
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}

interface CardPageProps {
  /** What the browser's tab says. */
  readonly title: string
  readonly heading?: string
  readonly children: ReactNode
}
