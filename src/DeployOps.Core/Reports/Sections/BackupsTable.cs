using DeployOps.Backups.Folders;
using DeployOps.Health.Metrics;
using DeployOps.Reports.Html;
using DeployOps.Reports.Story;

namespace DeployOps.Reports.Sections;

/// <summary>The backups that were restored into a scratch place and compared.</summary>
internal static class BackupsTable
{
    internal static Tag? Databases(ReportStory story)
    {
        var table = new ReportTable("Backups, each restored into a scratch place and found equal", "Database", "Taken", "Size", "Tables", "Rows", "Proof", "File", "SHA-256");
        foreach (var backup in story.Backups)
        {
            table.Row(
                backup.Database,
                story.Stamp(backup.TakenAt),
                ReportText.Size(backup.Size),
                MetricText.Count(backup.Fingerprint.Tables.Count),
                MetricText.Count(backup.Fingerprint.Tables.Sum(counted => counted.Rows)),
                backup.ProofWords,
                new Tag("code", backup.File),
                new Tag("code", backup.Sha256));
        }

        return table.ToTag();
    }

    internal static Tag? Folders(ReportStory story)
    {
        var table = new ReportTable("Backups of settings, each extracted into a scratch place and found equal", "Settings", "Taken", "Size", "Files", "Folder", "File", "SHA-256");
        foreach (var backup in story.Folders)
        {
            table.Row(
                backup.Name,
                story.Stamp(backup.TakenAt),
                ReportText.Size(backup.Size),
                MetricText.Count(backup.Entries.Count(entry => entry.Kind == FolderEntryKind.File)),
                new Tag("code", backup.Folder),
                new Tag("code", backup.File),
                new Tag("code", backup.Sha256));
        }

        return table.ToTag();
    }
}
