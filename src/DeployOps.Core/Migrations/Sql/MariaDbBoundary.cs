namespace DeployOps.Migrations.Sql;

/// <summary>The delimiter ends a statement wherever it stands, as for the mariadb client: the bodies of routines need another one.</summary>
internal sealed class MariaDbBoundary : ISqlBoundary
{
    public bool CanEnd => true;

    public bool HasData => false;

    public void Take(SqlTokenKind kind, ReadOnlySpan<char> piece)
    {
        // Nothing of a statement changes where it ends.
    }

    public void Reset()
    {
        // Nothing is remembered.
    }
}
