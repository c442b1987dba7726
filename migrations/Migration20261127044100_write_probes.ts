import { Migration } from '@mikro-orm/migrations'

/** What `/ready` writes to see whether anything can be: its pages are new each time, and no part of the write-ahead log. */
export class Migration20261127044100_write_probes extends Migration {
  override name = 'Migration20261127044100_write_probes'

  override up(): void {
    this.addSql(
      'create unlogged table write_probes (id smallint not null, padding text not null, primary key (id))',
    )
    // Compressed, a row would fill no page.
    this.addSql('alter table write_probes alter column padding set storage plain')
  }

  override down(): void {
    this.addSql('drop table write_probes')
  }
}
