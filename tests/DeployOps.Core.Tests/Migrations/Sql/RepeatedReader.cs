namespace DeployOps.Core.Tests.Migrations.Sql;

/// <summary>A text so many times, without having it in memory.</summary>
internal sealed class RepeatedReader(string text, int times) : TextReader
{
    private long at;

    public int AtOnce { get; init; } = int.MaxValue;

    public override int Read(char[] buffer, int index, int count)
    {
        var given = (int)Math.Min(Math.Min(AtOnce, count), (text.Length * (long)times) - at);
        for (var i = 0; i < given; i++)
        {
            buffer[index + i] = text[(int)((at + i) % text.Length)];
        }

        at += given;
        return given;
    }
}
