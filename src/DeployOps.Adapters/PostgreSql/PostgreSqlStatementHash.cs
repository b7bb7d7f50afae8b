using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>SHA-256 of a statement: of its text and, for <c>COPY … FROM STDIN</c>, of the rows that follow it, taken as they pass.</summary>
internal sealed class PostgreSqlStatementHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Begins with a statement's text.</summary>
    internal PostgreSqlStatementHash(SqlStatement statement) => Append(statement.Text);

    /// <summary>The hash of a statement that is read to its end by it.</summary>
    internal static string Of(SqlStatement statement)
    {
        using var taken = new PostgreSqlStatementHash(statement);
        foreach (var _ in taken.Pass(statement.CopyLines ?? []))
        {
            // Hashed as it passes.
        }

        return taken.End();
    }

    /// <summary>Lets rows pass.</summary>
    internal IEnumerable<string> Pass(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            Append("\n");
            Append(line);
            yield return line;
        }
    }

    /// <summary>The hash of what has passed: 64 hexadecimal digits.</summary>
    internal string End() => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();

    private void Append(string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        hash.AppendData(bytes, 0, Encoding.UTF8.GetBytes(text, bytes));
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
