import { Group, List, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IdBadgeIcon } from '@primer/octicons-react'
import { useOrganization, usePlace } from '../layout/where.ts'
import { LinkButton } from '../shared/links.tsx'

/** What a project without a pass shows: what a pass is, and the three steps to the first one. */
export function FirstPass() {
  const { may } = useOrganization()
  const place = usePlace()
  return (
    <Paper withBorder p="xl">
      <Stack maw={640}>
        <Group wrap="nowrap">
          <ThemeIcon size={44} variant="light">
            <IdBadgeIcon size={24} />
          </ThemeIcon>
          <Title order={2} size="h3">
            Give your first agent a pass
          </Title>
        </Group>
        <Text>
          A Sentinel Pass is the identity of one agent: its own credentials, the scopes it may use, an end
          date, an off switch, and a record of every token it fetched and every call it made.
        </Text>
        <List type="ordered" spacing="xs">
          <List.Item>
            <b>Name the agent.</b> Everything else has a safe default that you can change later.
          </List.Item>
          <List.Item>
            <b>Copy its credentials.</b> The secret is shown once.
          </List.Item>
          <List.Item>
            <b>Fetch a token.</b> The agent exchanges its credentials for short-lived tokens, and its record
            begins.
          </List.Item>
        </List>
        {may('passes.create') ? (
          <Group>
            <LinkButton to="/organizations/$orgId/projects/$projectId/passes/new" params={{ ...place }}>
              Create a Sentinel Pass
            </LinkButton>
          </Group>
        ) : (
          <Text c="dimmed">
            Your role here lets you look. Ask a member of the organization to create one.
          </Text>
        )}
      </Stack>
    </Paper>
  )
}
