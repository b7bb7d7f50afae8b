namespace DeployOps.Migrations.Sql;

/// <summary>Commands of psql and of the mariadb client that scripts bring along: no server knows them.</summary>
internal static class MetaCommands
{
    internal static SqlScriptException Refusal(string command, SqlDialect dialect, int line)
    {
        var client = dialect == SqlDialect.PostgreSql ? "psql" : "the mariadb client";
        return new SqlScriptException(
            "SqlMetaCommand", FaultKind.InvalidData, line, $"{command} is a command of {client}, not SQL, and cannot stand in a migration.", Advice(command, dialect));
    }

    private static string Advice(string command, SqlDialect dialect) => command switch
    {
        _ when dialect == SqlDialect.MariaDb => "Remove it; end statements with the delimiter, and put the text of other files into the script.",
        "\\i" or "\\ir" or "\\include" or "\\include_relative" => "Put the text of that file into the script, or make it a migration of its own.",
        "\\c" or "\\connect" => "Remove it; the plan names the database, and one script is for one database.",
        "\\set" or "\\unset" or "\\gset" => "Remove it and write the value where it is used.",
        "\\copy" => "Write COPY … FROM STDIN; with the data behind it up to a line \\.",
        "\\." => "Remove it, or put COPY … FROM STDIN; before its data.",
        "\\if" or "\\elif" or "\\else" or "\\endif" => "Remove it; decide in a DO block, or make it a migration of its own.",
        _ => "Remove it, or say the same in SQL.",
    };
}
