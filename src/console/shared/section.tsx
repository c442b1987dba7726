import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/** A part of a page with a heading of its own. @param bare without a frame: what it holds has one */
export function Section({ title, lead, actions, bare = false, children }: SectionProps) {
  const id = useId()
  return (
    <Paper component="section" withBorder={!bare} p={bare ? 0 : 'lg'} aria-labelledby={id}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div style={{ flex: '1 1 14rem' }}>
            <Title order={2} size="h4" id={id}>
              {title}
            </Title>
            {lead && (
              <Text size="sm" c="dimmed" maw="70ch">
                {lead}
              </Text>
            )}
          </div>
          {actions}
        </Group>
        {children}
      </Stack>
    </Paper>
  )
}

interface SectionProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly bare?: boolean
  readonly children?: ReactNode
}
