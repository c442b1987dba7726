import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { TagIcon } from '@primer/octicons-react'
import type { PassResource } from '../api/passes.ts'
import { usePlace } from '../layout/where.ts'
import { LinkText } from '../shared/links.tsx'
import { When } from '../shared/when.tsx'
import { ACCESS_LEVEL_LABELS, CREDENTIAL_TYPE_LABELS } from './labels.ts'
import styles from './pass-card.module.css'
import { StatusBadge } from './status-badge.tsx'

const SCOPES_SHOWN = 4
const TAGS_SHOWN = 3

/** A pass in the list; all of the card leads to the pass. */
export function PassCard({ pass }: { readonly pass: PassResource }) {
  const place = usePlace()
  const { title, status, scopes, tags, passId, accessLevel, credentialType, lastUsedAt } = pass.attributes
  return (
    <Paper component="li" withBorder p="md" className={styles.card ?? ''}>
      <Stack gap="sm" h="100%">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div className={styles.name ?? ''}>
            <Title order={2} size="h5">
              <LinkText
                to="/organizations/$orgId/projects/$projectId/passes/$passId"
                params={{ ...place, passId: pass.id }}
                className={styles.link ?? ''}
                c="inherit"
                fw="inherit"
                underline="never"
              >
                {title}
              </LinkText>
            </Title>
            <Text size="sm" c="dimmed" ff="monospace">
              {passId}
            </Text>
          </div>
          <StatusBadge status={status} />
        </Group>
        <Labels of={scopes} shown={SCOPES_SHOWN} name="Scopes" none="No scopes" />
        <div>
          <Text size="sm">
            {ACCESS_LEVEL_LABELS[accessLevel]} access · {CREDENTIAL_TYPE_LABELS[credentialType]}
          </Text>
          <Text size="sm" c="dimmed">
            {lastUsedAt === null ? (
              'Never used'
            ) : (
              <>
                Last used <When at={lastUsedAt} />
              </>
            )}
          </Text>
        </div>
        {tags.length > 0 && <Labels of={tags} shown={TAGS_SHOWN} name="Tags" tag />}
      </Stack>
    </Paper>
  )
}

/** The first few of a list, and how many more there are. */
function Labels({ of, shown, name, none, tag = false }: LabelsProps) {
  const rest = of.slice(shown)
  return (
    <Group gap={6} role="group" aria-label={name}>
      {of.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {of.slice(0, shown).map(one => (
        <Badge
          key={one}
          variant={tag ? 'light' : 'default'}
          color="gray"
          tt="none"
          fw={500}
          radius="sm"
          maw="100%"
          {...(tag ? { leftSection: <TagIcon size={12} /> } : {})}
        >
          {one}
        </Badge>
      ))}
      {rest.length > 0 && (
        <Text span size="sm" c="dimmed" title={rest.join(', ')}>
          +{rest.length}
        </Text>
      )}
    </Group>
  )
}

interface LabelsProps {
  readonly of: readonly string[]
  readonly shown: number
  readonly name: string
  readonly none?: string
  /** Looks like tags rather than like scopes. */
  readonly tag?: boolean
}
