import { Alert, Button, Code, Group, Stack, Tabs, Text } from '@mantine/core'
import { DownloadIcon, ShieldLockIcon } from '@primer/octicons-react'
import type { ReactNode } from 'react'
import type { Credentials } from '../api/passes.ts'
import { CopyAs, Copyable } from '../shared/copy.tsx'
import { Facts } from '../shared/facts.tsx'
import { saveFile } from '../shared/save-file.ts'
import { asCurl, asJson, asShellExports } from './credential-formats.ts'

/** What a pass's agent needs, shown this once. @param onCopied called when the person has a copy of the secret */
export function CredentialsPanel({ credentials, onCopied }: CredentialsPanelProps) {
  const { clientId, clientSecret, agentUserId, apiBaseUrl } = credentials
  const json = asJson(credentials)
  return (
    <Stack>
      <Alert
        color={clientSecret === null ? 'blue' : 'yellow'}
        icon={<ShieldLockIcon />}
        title={clientSecret === null ? 'This pass has keys instead of a secret' : 'Copy the secret now'}
      >
        {clientSecret === null
          ? 'The agent signs with its private key (private_key_jwt) and sends no secret.'
          : 'It is shown this once, and no one can look it up later. If it is lost, rotate the credentials of the pass.'}
      </Alert>
      <Facts
        of={{
          'Client ID': <Copyable value={clientId} label="client ID" />,
          ...(clientSecret === null
            ? {}
            : {
                'Client secret': <Copyable value={clientSecret} label="client secret" onCopy={onCopied} />,
              }),
          'Agent user ID': <Copyable value={agentUserId} label="agent user ID" />,
          'API base URL': <Copyable value={apiBaseUrl} label="API base URL" />,
        }}
      />
      <Tabs defaultValue="json" keepMounted={false}>
        <Tabs.List aria-label="Formats">
          <Tabs.Tab value="json">JSON</Tabs.Tab>
          <Tabs.Tab value="shell">Shell</Tabs.Tab>
          {clientSecret !== null && <Tabs.Tab value="curl">curl</Tabs.Tab>}
        </Tabs.List>
        <Format value="json" hint="For a secrets manager or a configuration file." text={json}>
          <CopyAs value={json} label="Copy JSON" onCopy={onCopied} />
          <Button
            variant="default"
            leftSection={<DownloadIcon />}
            onClick={() => {
              saveFile(`sentinel-pass-${clientId}.json`, new Blob([json], { type: 'application/json' }))
              onCopied()
            }}
          >
            Download
          </Button>
        </Format>
        <Format
          value="shell"
          hint="For a shell or the environment of a CI job."
          text={asShellExports(credentials)}
        >
          <CopyAs value={asShellExports(credentials)} label="Copy exports" onCopy={onCopied} />
        </Format>
        {clientSecret !== null && (
          <Format
            value="curl"
            hint="Fetches an access token. The secret goes to curl by its standard input, where other users of the machine cannot read it."
            text={asCurl(clientId, clientSecret, apiBaseUrl)}
          >
            <CopyAs
              value={asCurl(clientId, clientSecret, apiBaseUrl)}
              label="Copy curl line"
              onCopy={onCopied}
            />
          </Format>
        )}
      </Tabs>
    </Stack>
  )
}

interface CredentialsPanelProps {
  readonly credentials: Credentials
  readonly onCopied: () => void
}

function Format({ value, hint, text, children }: FormatProps) {
  return (
    <Tabs.Panel value={value} pt="sm">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Code>
        <Group>{children}</Group>
      </Stack>
    </Tabs.Panel>
  )
}

interface FormatProps {
  readonly value: string
  readonly hint: string
  readonly text: string
  readonly children: ReactNode
}
