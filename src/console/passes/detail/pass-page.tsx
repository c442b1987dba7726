import { Group, Stack, Text } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { LinkTab, LinkText } from '../../shared/links.tsx'
import { Page } from '../../shared/page.tsx'
import { StatusBadge } from '../status-badge.tsx'
import styles from './pass-page.module.css'
import { usePass } from './use-pass.ts'

const AT = '/organizations/$orgId/projects/$projectId/passes/$passId'

/** A pass: its name and status, and four tabs with an address each. */
export function PassPage() {
  const { place, pass } = usePass()
  const params = { ...place, passId: pass.id }
  const { title, passId, status } = pass.attributes
  return (
    <Stack gap="sm">
      <LinkText to="/organizations/$orgId/projects/$projectId/passes" params={place} size="sm">
        All passes
      </LinkText>
      <Page
        title={title}
        lead={
          <Group component="span" gap="sm">
            <StatusBadge status={status} />
            <Text span ff="monospace" size="sm">
              {passId}
            </Text>
          </Group>
        }
      >
        <nav aria-label="Parts of the pass" className={styles.tabs ?? ''}>
          <LinkTab to={AT} params={params} activeOptions={{ exact: true, includeSearch: false }}>
            Overview
          </LinkTab>
          <LinkTab to={`${AT}/permissions`} params={params}>
            Permissions
          </LinkTab>
          <LinkTab to={`${AT}/usage`} params={params} activeOptions={{ includeSearch: false }}>
            Usage
          </LinkTab>
          <LinkTab to={`${AT}/settings`} params={params}>
            Settings
          </LinkTab>
        </nav>
        <Outlet />
      </Page>
    </Stack>
  )
}
