using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>What is about to be written to the disks of a server, added up by disk, and where there is no room for it.</summary>
internal sealed class DiskNeeds
{
    private readonly List<(string Mount, string Folder, string Of, long Bytes)> needs = [];

    /// <summary>Adds what is needed in a folder; what else is needed on its disk is added to that. A folder that cannot be asked for is left out.</summary>
    /// <param name="folder">The folder's full path.</param>
    /// <param name="of">Whose disk it is, for the words.</param>
    /// <param name="bytes">How much.</param>
    internal void Add(string folder, string of, long bytes)
    {
        if (FolderDisk.Find(folder) is not { } asked)
        {
            return;
        }

        var mount = FolderDisk.MountOf(asked);
        var at = needs.FindIndex(need => need.Mount == mount);
        if (at < 0)
        {
            needs.Add((mount, asked, of, bytes));
        }
        else
        {
            needs[at] = needs[at] with { Bytes = needs[at].Bytes + bytes };
        }
    }

    /// <summary>The same, where it is on a disk on which nothing is needed yet: what is reckoned with there already has room for it.</summary>
    internal void AddElsewhere(string folder, string of, long bytes)
    {
        if (FolderDisk.Ask(folder) is not null && !needs.Exists(need => need.Mount == FolderDisk.MountOf(folder)))
        {
            Add(folder, of, bytes);
        }
    }

    /// <summary>What is against it, in words; null where nothing is.</summary>
    internal string? Against() => needs.Select(need => Against(FolderDisk.Ask(need.Folder), need.Bytes, need.Of)).FirstOrDefault(words => words is not null);

    /// <summary>What is against so many bytes on a disk, in words; null where nothing is, or where the disk is not known.</summary>
    internal static string? Against(FreeSpace? disk, long needed, string name) =>
        disk is null || disk.Free >= needed ? null : $"{disk} of {name} are free, and about {new FreeSpace(needed, disk.Total)} are needed";
}
