import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import { mayGrantOwnScopes } from '../../api/access.ts'
import { updatePass } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { LinkText } from '../../shared/links.tsx'
import { Section } from '../../shared/section.tsx'
import { tell } from '../../shared/tell.ts'
import { usePass } from './use-pass.ts'

const PASSES = '/organizations/$orgId/projects/$projectId/passes'
const KINDS = { user: '', api_key: 'API key', organization_key: 'organization key', pass: 'pass' } as const

/** Who made the pass; a pass that did leads to itself. */
export function Creator() {
  const { place, pass } = usePass()
  const { createdBy } = pass.attributes
  if (!createdBy) return 'not on record'
  const { type, id, name } = createdBy
  const text = [KINDS[type], name ?? id].filter(Boolean).join(' ')
  if (type !== 'pass') return text
  return (
    <LinkText to={`${PASSES}/$passId`} params={{ ...place, passId: id }} size="sm">
      {text}
    </LinkText>
  )
}

/** Leads from a pass that may make others to those that it has made. */
export function MadeByIt() {
  const { place, pass } = usePass()
  return (
    <LinkText
      to={PASSES}
      params={{ ...place }}
      search={{ created_by_pass: pass.attributes.passId }}
      size="sm"
    >
      Show them
    </LinkText>
  )
}

/** Says that the pass ends with the one that made it, and lets an ADMIN say otherwise. */
export function EndWithCreator() {
  const { place, pass, etag, change } = usePass()
  const { role } = useOrganization()
  const [asking, setAsking] = useState(false)
  if (!pass.attributes.endsWithCreator) return null
  return (
    <Section
      title="Ends with the pass that made it"
      lead="A pass made it: it lasts no longer than that one, and ends when that one is deleted."
      actions={
        mayGrantOwnScopes(role) && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Let it go on
          </Button>
        )
      }
    >
      <Text size="sm">
        <Creator />
      </Text>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title="Let the pass go on by itself"
        action="Let it go on"
        onConfirm={async () => {
          await change(() => updatePass(place, pass.id, { endsWithCreator: false }, etag))
          tell(`${pass.attributes.title} no longer ends with the pass that made it.`)
        }}
      >
        It keeps the end that it has, and can be given a later one. What happens to the pass that made it no
        longer matters.
      </Confirm>
    </Section>
  )
}
