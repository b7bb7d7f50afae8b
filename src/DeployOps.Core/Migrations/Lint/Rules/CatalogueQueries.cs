using System.Globalization;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint.Rules;

/// <summary>
/// What PostgreSQL's catalogue says to a finding: a row where it holds, none where it does not. A name that is not there yet is an error, by which the finding stays as it was.
/// </summary>
internal static class CatalogueQueries
{
    private const int Header = 4;

    /// <summary>The columns of a key that may hold NULL, and of which no valid CHECK says that they do not. An index that is there is asked for its columns; of one that the run makes they are known.</summary>
    internal static string Nullable(SqlName table, SqlName index, IReadOnlyList<SqlName> columns)
    {
        var own = columns.Count > 0
            ? $"a.attname IN ({string.Join(", ", columns.Select(column => Literal(column.Name)))}) AND {AreThere(table, columns)}"
            : $"a.attnum IN (SELECT unnest(i.indkey[0:i.indnkeyatts - 1]) FROM pg_index i WHERE i.indexrelid = {Literal(Beside(table, index))}::regclass)";
        return $"SELECT a.attname AS nullable FROM pg_attribute a WHERE a.attrelid = {Literal(table.Written)}::regclass AND {own} AND NOT a.attnotnull "
            + "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.convalidated AND pg_get_constraintdef(c.oid) = format('CHECK ((%I IS NOT NULL))', a.attname)) LIMIT 5";
    }

    /// <summary>The type of a column from which another one is reached by writing the table anew; null where that is so of nearly all. PostgreSQL's manual, ALTER TABLE, Notes.</summary>
    internal static string? Rewritten(SqlName table, SqlName column, SqlClause type)
    {
        var cursor = type.Walk();
        var isText = cursor.Take("text");
        var isVarchar = cursor.Take("varchar") || cursor.Take("character", "varying");
        var isNumeric = cursor.Take("numeric") || cursor.Take("decimal");
        var sizes = cursor.Current.Is('(') ? type.Items(cursor.At + 1).Select(Number).ToList() : [];
        cursor.TakeBrackets();
        var fits = (cursor.IsAtEnd && (isText || isVarchar || isNumeric), sizes) switch
        {
            (true, []) => isNumeric ? "a.atttypid = 'numeric'::regtype" : "a.atttypid IN ('varchar'::regtype, 'text'::regtype)",
            (true, [{ } length]) when isVarchar => string.Create(CultureInfo.InvariantCulture, $"a.atttypid = 'varchar'::regtype AND a.atttypmod BETWEEN {Header} AND {length + Header}"),
            (true, [{ } precision]) when isNumeric => Numeric(precision, 0),
            (true, [{ } precision, { } scale]) when isNumeric => Numeric(precision, scale),
            _ => null,
        };
        return fits is null ? null
            : $"SELECT format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a WHERE a.attrelid = {Literal(table.Written)}::regclass AND a.attname = {Literal(column.Name)} AND NOT ({fits}) AND {AreThere(table, [column])}";
    }

    /// <summary>The type of a column where it is a domain with constraints, or one of such a domain.</summary>
    internal static string Constrained(SqlName type) =>
        $"SELECT t.oid::regtype AS domain FROM pg_type t LEFT JOIN pg_type b ON b.oid = t.typbasetype WHERE t.oid = to_regtype({Literal(type.Written)}) AND t.typtype = 'd' "
        + "AND (t.typnotnull OR b.typtype = 'd' OR EXISTS (SELECT 1 FROM pg_constraint c WHERE c.contypid = t.oid))";

    private static string Numeric(int precision, int scale) => string.Create(
        CultureInfo.InvariantCulture, $"a.atttypid = 'numeric'::regtype AND a.atttypmod >= {Header} AND (a.atttypmod - {Header}) >> 16 <= {precision} AND (a.atttypmod - {Header}) & 2047 = {scale}");

    // It has no row, but it names the columns.
    private static string AreThere(SqlName table, IReadOnlyList<SqlName> columns) => $"NOT EXISTS (SELECT {string.Join(", ", columns.Select(column => column.Written))} FROM {table.Written} WHERE false)";

    // An index is in the schema of its table.
    private static string Beside(SqlName table, SqlName index) => table.Schema is null ? index.Written : $"\"{table.Schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\".{index.Written}";

    private static int? Number(SqlClause item) => item.Tokens is [var only] && int.TryParse(only.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
