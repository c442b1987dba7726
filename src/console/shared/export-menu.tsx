import { Button, Menu } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { useMutation } from '@tanstack/react-query'
import type { ExportFormat, SavedFile } from '../api/client.ts'
import { saveFile } from './save-file.ts'
import { tellFailure } from './tell.ts'

const FORMATS: readonly { readonly format: ExportFormat; readonly label: string }[] = [
  { format: 'json', label: 'JSON' },
  { format: 'csv', label: 'CSV' },
  { format: 'jsonl', label: 'JSON Lines' },
]

/** Saves what a filter lets through, 10,000 rows at most, as a file. */
export function ExportMenu({
  fetchFile,
}: {
  readonly fetchFile: (format: ExportFormat) => Promise<SavedFile>
}) {
  const saving = useMutation({
    mutationFn: fetchFile,
    onSuccess: ({ name, content }) => saveFile(name, content),
    onError: tellFailure,
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<DownloadIcon />} loading={saving.isPending}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(({ format, label }) => (
          <Menu.Item key={format} onClick={() => saving.mutate(format)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
