import django.db.models.deletion
import onex.common.ids
import onex.common.sealed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_institutions_and_their_changes'),
        ('registration', '0001_sittings_students_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='student',
            name='account',
            field=models.CharField(blank=True, max_length=20, null=True, unique=True, verbose_name='登录账号'),
        ),
        migrations.AddField(
            model_name='student',
            name='slip',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='student', to='accounts.oncetoken', verbose_name='激活单'),
        ),
        migrations.AddField(
            model_name='student',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='students', to=settings.AUTH_USER_MODEL, verbose_name='用户'),
        ),
        migrations.CreateModel(
            name='GuardianConsent',
            fields=[
                ('id', models.UUIDField(default=onex.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='创建时间')),
                ('name', models.CharField(max_length=30, verbose_name='监护人姓名')),
                ('relation', models.CharField(choices=[('father', 'FATHER'), ('mother', 'MOTHER'), ('other', 'OTHER')], max_length=10, verbose_name='与学生的关系')),
                ('phone', onex.common.sealed.SealedTextField(editable=True, verbose_name='监护人手机号')),
                ('given_at', models.DateTimeField(verbose_name='同意时间')),
                ('text_version', models.CharField(max_length=20, verbose_name='告知书版本')),
                ('student', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardian_consents', to='registration.student', verbose_name='学生')),
            ],
            options={
                'verbose_name': '监护人同意',
                'verbose_name_plural': '监护人同意',
                'ordering': ('-given_at',),
            },
        ),
    ]
