import { ActionIcon, Alert, Button, Group, Stack, Switch, Text, Tooltip } from '@mantine/core'
import { AlertIcon, SyncIcon } from '@primer/octicons-react'
import { titleOf } from '../shared/failure.tsx'
import { When } from '../shared/when.tsx'
import type { AutoRefresh } from './use-auto-refresh.ts'

/** Says how current the page is, and turns its refreshing on and off. */
export function RefreshBar({ refresh }: { readonly refresh: AutoRefresh }) {
  return (
    <Stack gap="xs">
      <Group gap="md" justify="flex-end">
        <Text size="sm" c="dimmed">
          {refresh.refreshedAt === 0 ? (
            'Not refreshed yet'
          ) : (
            <>
              Refreshed <When at={new Date(refresh.refreshedAt).toISOString()} as="time" />
            </>
          )}
        </Text>
        <Switch
          size="sm"
          label="Every 30 s"
          checked={refresh.on}
          onChange={event => refresh.setOn(event.currentTarget.checked)}
        />
        <Tooltip label="Refresh now">
          <ActionIcon
            variant="default"
            aria-label="Refresh now"
            loading={refresh.refreshing}
            onClick={refresh.refreshNow}
          >
            <SyncIcon />
          </ActionIcon>
        </Tooltip>
      </Group>
      {refresh.failure && (
        <Alert color="red" icon={<AlertIcon />} role="alert" title="Refreshing has stopped">
          <Text size="sm">
            It failed three times in a row, so what you see may be out of date. {titleOf(refresh.failure)}:{' '}
            {refresh.failure.message}
          </Text>
          <Button mt="sm" size="xs" variant="default" onClick={() => refresh.setOn(true)}>
            Turn it on again
          </Button>
        </Alert>
      )}
    </Stack>
  )
}
