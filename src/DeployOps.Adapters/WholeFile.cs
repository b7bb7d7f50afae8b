namespace DeployOps.Adapters;

/// <summary>A file that only its owner may read and that is there when it is finished: until then it has another name, also after a kill.</summary>
internal static class WholeFile
{
    /// <summary>Writes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="write">Writes to the file of the other name, which exists and is empty.</param>
    /// <returns>What that answers.</returns>
    /// <exception cref="IOException">The folder or the disk does not allow it; nothing is left.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    internal static async Task<T> WriteAsync<T>(string file, Func<string, Task<T>> write)
    {
        var partial = file + ".partial";
        try
        {
            File.Delete(partial);
            CreatePrivate(partial);
            var answer = await write(partial);
            File.Move(partial, file);
            return answer;
        }
        finally
        {
            if (Directory.Exists(Path.GetDirectoryName(partial)))
            {
                File.Delete(partial);
            }
        }
    }

    private static void CreatePrivate(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(file, options).Dispose();
    }
}
