using System.Runtime.InteropServices;

namespace DeployOps.Migrations.Sql;

/// <summary>A file of SQL: its name, and its bytes, which are read when they are needed and as often as they are, so that none has to fit into memory.</summary>
public sealed class SqlFile
{
    /// <summary>What its name ends in, in any case.</summary>
    internal const string Extension = ".sql";

    private readonly Func<Stream> open;

    /// <summary>A file whose bytes are in memory.</summary>
    /// <param name="name">The file name without its folder.</param>
    /// <param name="content">Every byte of it.</param>
    public SqlFile(string name, ReadOnlyMemory<byte> content)
        : this(name, () => Over(content))
    {
    }

    private SqlFile(string name, Func<Stream> open)
    {
        Name = name;
        this.open = open;
    }

    /// <summary>The file name without its folder.</summary>
    public string Name { get; }

    /// <summary>Every byte of it, read at each call: for files that are small by their nature, such as validations.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFileUnreadable</c>.</exception>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            using var stream = Open();
            using var all = new MemoryStream();
            Guard(() => stream.CopyTo(all));
            return all.ToArray();
        }
    }

    /// <summary>A file whose bytes are elsewhere.</summary>
    /// <param name="name">The file name without its folder.</param>
    /// <param name="open">Opens it from its first byte; whoever reads closes it.</param>
    public static SqlFile From(string name, Func<Stream> open) => new(name, open);

    /// <summary>A file on disk. It is opened when it is read.</summary>
    /// <param name="path">Its full path.</param>
    public static SqlFile At(string path) =>
        new(Path.GetFileName(path), () => new FileStream(path, new FileStreamOptions { Share = FileShare.Read, Options = FileOptions.SequentialScan, BufferSize = 0 }));

    /// <summary>The <c>*.sql</c> files of one folder, not of its subfolders, by name.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFolderMissing</c>.</exception>
    public static Task<IReadOnlyList<SqlFile>> ReadFolderAsync(string folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Directory.Exists(folder)
            ? Task.FromResult<IReadOnlyList<SqlFile>>([.. Directory.EnumerateFiles(folder).Where(IsSql).Order(StringComparer.Ordinal).Select(At)])
            : throw new DeployOpsException(
                "SqlFolderMissing", FaultKind.NotFound, $"The folder {folder} does not exist.", "Create it or correct its path.")
            { Target = folder };
    }

    /// <summary>Opens it from its first byte.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFileUnreadable</c>.</exception>
    public Stream Open()
    {
        Stream? stream = null;
        Guard(() => stream = open());
        return stream!;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether a name ends as a file of SQL does, in any case.</summary>
    internal static bool IsSql(string name) => name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads of it, and says which file it was that could not be read.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFileUnreadable</c>.</exception>
    internal void Guard(Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("SqlFileUnreadable", FaultKind.Failed, $"{Name} cannot be read: {e.Message.TrimEnd('.')}.", "Check that it exists, that this account may read it, and its disk.", e) { Target = Name };
        }
    }

    /// <summary>A view of bytes in memory.</summary>
    internal static MemoryStream Over(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var bytes) && bytes.Array is not null ? new MemoryStream(bytes.Array, bytes.Offset, bytes.Count, writable: false) : new MemoryStream(content.ToArray(), writable: false);
}
