namespace DeployOps.Migrations.Sql;

/// <summary>Knows where a statement ends by the pieces it has seen of it.</summary>
internal interface ISqlBoundary
{
    /// <summary>Whether a semicolon here would end the statement.</summary>
    bool CanEnd { get; }

    /// <summary>Whether lines of data follow the statement.</summary>
    bool HasData { get; }

    /// <summary>Sees the next piece of the statement.</summary>
    void Take(SqlTokenKind kind, ReadOnlySpan<char> piece);

    /// <summary>A new statement begins.</summary>
    void Reset();
}
