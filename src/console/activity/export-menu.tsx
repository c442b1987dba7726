import { Button, Menu } from '@mantine/core'
import { DownloadIcon } from '@primer/octicons-react'
import { useMutation } from '@tanstack/react-query'
import { type ExportFormat, exportActivity, type LogFilter, type Subject } from '../api/activity.ts'
import { saveFile } from '../shared/save-file.ts'
import { tellFailure } from '../shared/tell.ts'

const FORMATS: readonly { readonly format: ExportFormat; readonly label: string }[] = [
  { format: 'json', label: 'JSON' },
  { format: 'csv', label: 'CSV' },
  { format: 'jsonl', label: 'JSON Lines' },
]

/** Saves the rows that the filter lets through, 10,000 at most, as a file. */
export function ExportMenu({ subject, filter }: { readonly subject: Subject; readonly filter: LogFilter }) {
  const saving = useMutation({
    mutationFn: (format: ExportFormat) => exportActivity(subject, filter, format),
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
