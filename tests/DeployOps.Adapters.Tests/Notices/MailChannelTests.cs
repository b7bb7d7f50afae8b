using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeployOps.Notices;
using DeployOps.Windows;
using MimeKit;

namespace DeployOps.Adapters.Tests.Notices;

public sealed class MailChannelTests
{
    private static readonly Notice Told = new(
        "shop-2.4.0-1/17", "shop-2.4.0-1", "shop", "production", "2.4.0", new DateTimeOffset(2026, 3, 5, 20, 30, 0, TimeSpan.Zero), WindowState.Completed, new string('a', 64), NoticeTone.Good,
        "shop 2.4.0 in production: is complete", "größer\r\nBcc: somebody@example.org\n.\nthe end");

    [Fact]
    public async Task A_mail_says_what_happened_to_every_receiver()
    {
        RequireServer();
        using var server = await MailServer.StartAsync();

        await SendAsync(server.Port);

        var mail = Parse(server.Mails().ShouldHaveSingleItem());
        mail.Subject.ShouldBe("shop 2.4.0 in production: is complete");
        mail.From.ToString().ShouldBe("releases@example.org");
        mail.To.Select(address => address.ToString()).ShouldBe(["team@example.org", "boss@example.org"]);
        mail.MessageId.ShouldBe("shop-2.4.0-1.17@deployops.production");
        mail.Headers["Auto-Submitted"].ShouldBe("auto-generated");
        mail.Bcc.ShouldBeEmpty();
        mail.TextBody!.ReplaceLineEndings("\n").ShouldBe("shop 2.4.0 in production: is complete\n\ngrößer\nBcc: somebody@example.org\n.\nthe end\n\nshop-2.4.0-1/17\n");
    }

    [Fact]
    public async Task A_mail_that_is_sent_again_has_the_same_id()
    {
        RequireServer();
        using var server = await MailServer.StartAsync();

        await SendAsync(server.Port);
        await SendAsync(server.Port);

        server.Mails().Select(mail => Parse(mail).MessageId).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Where_the_connection_cannot_be_made_private_nothing_is_said()
    {
        RequireServer();
        using var server = await MailServer.StartAsync();

        var error = await FailsAsync(server.Port, MailSecurity.StartTls);

        error.Message.ShouldContain("STARTTLS");
        server.Mails().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        RequireServer();
        var folder = Directory.CreateTempSubdirectory("deployops-cert-");
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(folder.FullName, "cert.pem"), Path.Combine(folder.FullName, "key.pem"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        using var server = await MailServer.StartAsync("--tlscert", certificateFile, "--tlskey", keyFile);

        var error = await FailsAsync(server.Port, MailSecurity.StartTls);

        error.Message.ShouldContain("certificate");
        server.Mails().ShouldBeEmpty();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_mail_that_the_server_does_not_want_is_told_from_a_server_that_takes_none()
    {
        RequireServer();
        using var server = await MailServer.StartAsync("--size", "100");

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server.Port));

        error.ErrorId.ShouldBe("NoticeRefused");
        error.Message.ShouldContain("refused the mail itself");
        server.Mails().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_receiver_who_is_gone_does_not_keep_the_others_from_being_told()
    {
        RequireServer();
        using var server = await MailServer.StartAsync();

        var missed = await SendAsync(server.Port, to: ["team@example.org", "gone@example.org", "boss@example.org"]);

        missed.ShouldBe($"127.0.0.1:{server.Port} has no such receiver: gone@example.org (5.1.1 no such user here). The others got the mail.");
        Parse(server.Mails().ShouldHaveSingleItem()).Headers["X-RcptTo"].ShouldBe("team@example.org, boss@example.org");
    }

    [Fact]
    public async Task Where_every_receiver_is_gone_the_mail_was_not_taken()
    {
        RequireServer();
        using var server = await MailServer.StartAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(server.Port, to: ["gone@example.org"]));

        error.ErrorId.ShouldBe("NoticeNotTaken");
        error.Message.ShouldContain("no such user here");
        server.Mails().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_gone_took_nothing()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        var error = await FailsAsync(port, MailSecurity.None);

        error.Message.ShouldContain($"127.0.0.1:{port} did not take the mail");
        error.Kind.ShouldBe(FaultKind.Timeout, "nobody waits for it again in the same command");
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var error = await FailsAsync(((IPEndPoint)silent.LocalEndpoint).Port, MailSecurity.None);

        error.Message.ShouldContain("nothing came in time");
        error.Kind.ShouldBe(FaultKind.Timeout);
    }

    private static void RequireServer() => Assert.SkipUnless(File.Exists("/usr/bin/aiosmtpd"), "aiosmtpd is not installed");

    private static MimeMessage Parse(string mail)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(mail));
        return MimeMessage.Load(stream);
    }

    private static async Task<string?> SendAsync(int port, MailSecurity security = MailSecurity.None, string[]? to = null)
    {
        using var adapters = new Adapters(TimeProvider.System);
        var mail = new MailSpec { Server = "127.0.0.1", Port = port, Security = security, From = "releases@example.org", To = to ?? ["team@example.org", "boss@example.org"] };
        return await adapters.OpenChannel(new NoticeSpec { Name = "mail", Kind = "Mail", Mail = mail }).SendAsync(Told, CancellationToken.None);
    }

    private static async Task<DeployOpsException> FailsAsync(int port, MailSecurity security)
    {
        var error = await Should.ThrowAsync<DeployOpsException>(() => SendAsync(port, security));
        error.ErrorId.ShouldBe("NoticeNotTaken");
        return error;
    }
}
